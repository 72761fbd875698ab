# bench/compare.py without the programs that it compares with: its messages, and the page it makes from measurements.
$ python3 "$SOURCE/bench/compare.py" --list | awk '{ print $1 }' | paste -sd ' '
| rainbow rainbow-f32 dqn dqn-f32 dqn-adam dqn-adam-f32 c51 minatar cartpole-update breakout-dqn-1 breakout-dqn-8 breakout-rainbow cartpole rainbow-1-16 waiting
= 0
$ python3 "$SOURCE/bench/compare.py" --rows nothing 2>&1 | tail -1
| compare.py: error: no row nothing; --list names them
= 0
$ python3 "$SOURCE/bench/compare.py" --rainbow ./nowhere 2>&1 | tail -1
| compare.py: error: ./nowhere: there is no such program; build it, or name it with --rainbow
= 0
$ printf '%s' '{"date": "2020-01-02", "cpu": {"model": "CPU", "family": "1", "cores": 2, "flags": ["avx2"]}, "versions": {"rainbow": "rainbow 1", "torch": "9"}, "quick": true, "command": {"rounds": 2, "seconds": 5, "words": "", "settings": ""}, "results": [{"row": "minatar", "what": "", "unit": "ms", "rounds": [{}, {}], "busy": {"median": 0.5}, "sides": {"ours, f32": {"median": 0.2, "least": 0.1, "most": 0.3}, "PyTorch, loop-1t": {"median": 1.5, "least": 1.25, "most": 2}}, "ours": "ours, f32", "theirs": "PyTorch, loop-1t", "ratios": {"PyTorch, loop-1t": {"median": 7.5, "least": 7, "most": 8, "quarters": [7.2, 7.8]}}}]}' > one.json
= 0
$ python3 "$SOURCE/bench/compare.py" --markdown one.json | grep -E '^\| |^- |python3|Other'
| - Machine: CPU, family 1, 2 cores, avx2
| - Versions: rainbow 1, torch 9
| - Measured: 2020-01-02
| - Commands:
|     python3 bench/compare.py --python PYTHON --rows minatar --quick --rounds 2 --seconds 5
| | what | against | ours | theirs | ratio | rounds from, to | must be, AVX2 only | must be, AVX-512 and bf16 |
| | MinAtar-sized update | PyTorch, loop-1t | 0.200 ms, f32 | 1.50 ms | **7.50 ×** | 7.00 to 8.00 | 6 × | 6 ×, open |
| Other programs used up to 50 % of the machine during these measurements (see the last column below).
| | row | side | median | best | ratio, median and quarters | rounds | others' share of the machine |
| | `minatar` | ours, f32 | 0.200 ms | 0.100 |  | 2 | 50 % |
| | `minatar` | PyTorch, loop-1t | 1.50 ms | 1.25 | 7.50 (7.20 to 7.80) | 2 | 50 % |
= 0
# A later file's row replaces an earlier one's.
$ sed 's/7\.5/9.5/; s/"quick": true/"quick": false/; s/\["avx2"\]/["avx2", "avx512_bf16"]/' one.json > two.json; python3 "$SOURCE/bench/compare.py" --markdown one.json two.json | grep -E '^\| (what|Min)|python3'
|     python3 bench/compare.py --python PYTHON --rows minatar --rounds 2 --seconds 5
| | what | against | ours | theirs | ratio | rounds from, to | must be, AVX-512 and bf16 | must be, AVX2 only |
| | MinAtar-sized update | PyTorch, loop-1t | 0.200 ms, f32 | 1.50 ms | **9.50 ×** | 7.00 to 8.00 | 6 × | 6 ×, open |
= 0
# A measurement that can't be made is left out with a message and a failing exit status.
$ mkdir bin; printf '#!/bin/sh\necho "no such thing here" >&2\nexit 1\n' > bin/peer; chmod +x bin/peer
= 0
$ python3 "$SOURCE/bench/compare.py" --rainbow "$(command -v rainbow)" --python bin/peer --rows minatar,cartpole --quick
| minatar: MinAtar-sized update
|     left out: torch_update.py --scene minatar --setting default --updates 200 --warmup 10 ended: no such thing here
| cartpole: CartPole end to end
|     left out: sb3_train.py --scene cartpole-dqn --seconds 5 ended: no such thing here
= 1
