# Exports of trained networks for other programs.
$ rainbow train cartpole --preset cartpole-dqn --run.max_steps=200 --agent.start_steps=100 --replay.capacity=300 --eval.every_steps=0 --run.name=tiny --run.root=r --plot.enabled=false >/dev/null 2>&1
= 0
$ rainbow export r/default/tiny --onnx a.onnx
| a.onnx: cartpole, step 200, 67586 numbers
| input   "Image Sequence"  float32 N x 4
| output  "Q-Values"        float32 N x 2 (left, right)
= 0
$ rainbow export r/default/tiny/checkpoints/step_000000000200 --onnx b.onnx >/dev/null && cmp a.onnx b.onnx && echo the same
| the same
= 0
$ rainbow export r/default/tiny --safetensors a.safetensors
| a.safetensors: cartpole, step 200, 67586 numbers
= 0
$ rainbow export r/default/tiny --onnx=a.onnx --json | grep -v bytes
| {
| 	"file":	"a.onnx",
| 	"format":	"onnx",
| 	"env":	"cartpole",
| 	"checkpoint":	"r/default/tiny/checkpoints/step_000000000200",
| 	"step":	200,
| 	"actions":	2,
| 	"atoms":	1,
| 	"quantiles":	0,
| 	"action_names":	"left, right",
| 	"numbers":	67586,
| 	"shape":	[null, 4],
| 	"input":	"float32",
| 	"masks":	false
| }
= 0
$ rainbow export r/default/tiny --c games/agent.c 2>&1; mkdir games
| rainbow: games/agent.c: there is no directory games; make it first, or name another file
= 0
$ rainbow export r/default/tiny --c games/my-agent.c --decisions 200 | sed 's/Q-value [0-9.e-]*/Q-value X/g; s/has [0-9.]* [kM]B/has X/'
| games/my-agent.c: cartpole, step 200, 67586 numbers
| function   int my_agent_act(const float *observation, const uint8_t *mask)
| input      float 4
| output     0 to 1 (left, right)
| memory     270 kB constant (float weights), 2.05 kB writable; the file has X
| agreement  100 % of 200 actions equal those of the network; largest difference of a Q-value X, largest Q-value X
= 0
$ rainbow export r/default/tiny --c small.c --int8 --name pole --decisions 200 | sed 's/Q-value [0-9.e-]*/Q-value X/g; s/has [0-9.]* [kM]B/has X/; s/[0-9.]* % of/X % of/'
| small.c: cartpole, step 200, 67586 numbers
| function   int pole_act(const float *observation, const uint8_t *mask)
| input      float 4
| output     0 to 1 (left, right)
| memory     74.8 kB constant (int8 weights), 2.05 kB writable; the file has X
| agreement  X % of 200 actions equal those of the network; largest difference of a Q-value X, largest Q-value X
= 0
$ cc -std=c99 -Wall -Wextra -Werror -pedantic -D MY_AGENT_SELF_TEST games/my-agent.c -o t && ./t && cc -std=c99 -D POLE_SELF_TEST small.c -o t && ./t && echo as it was
| as it was
= 0
$ rainbow export r/default/tiny --c a.c --decisions 5 --json | grep -v 'bytes\|q_'
| {
| 	"file":	"a.c",
| 	"format":	"c",
| 	"env":	"cartpole",
| 	"checkpoint":	"r/default/tiny/checkpoints/step_000000000200",
| 	"step":	200,
| 	"actions":	2,
| 	"atoms":	1,
| 	"quantiles":	0,
| 	"action_names":	"left, right",
| 	"numbers":	67586,
| 	"shape":	[4],
| 	"input":	"float32",
| 	"name":	"a",
| 	"weights":	"float32",
| 	"decisions":	5,
| 	"equal":	1,
| }
= 0
$ rainbow eval r/default/tiny --episodes 3 --trace t.safetensors --trace-steps 10 >/dev/null && grep -ao '{"__metadata.*}}' t.safetensors | sed 's,xxh3_64:[0-9a-f]*,xxh3_64:DIGITS,'
| {"__metadata__":{"rainbow_checksum":"xxh3_64:DIGITS","env":"cartpole","rainbow":"0.1.0","step":"200"},"observations":{"dtype":"F32","shape":[10,4],"data_offsets":[0,160]},"q_values":{"dtype":"F32","shape":[10,2],"data_offsets":[160,240]},"actions":{"dtype":"I32","shape":[10],"data_offsets":[240,280]},"games":{"dtype":"I32","shape":[10],"data_offsets":[280,320]}}
= 0

# Exports that are not possible.
$ rainbow export
! rainbow export: no run or checkpoint is named
! usage: rainbow export RUN|CHECKPOINT --onnx FILE [OPTION...]
!        rainbow export RUN|CHECKPOINT --c FILE [OPTION...]
!        rainbow export RUN|CHECKPOINT --safetensors FILE [OPTION...]
= 2
$ rainbow export r/default/tiny
! rainbow export: no format is named; give --onnx FILE, --c FILE or --safetensors FILE
! usage: rainbow export RUN|CHECKPOINT --onnx FILE [OPTION...]
!        rainbow export RUN|CHECKPOINT --c FILE [OPTION...]
!        rainbow export RUN|CHECKPOINT --safetensors FILE [OPTION...]
= 2
$ rainbow export r/default/tiny --onnx a.onnx --safetensors a.safetensors
! rainbow export: choose one of --onnx, --c and --safetensors
! usage: rainbow export RUN|CHECKPOINT --onnx FILE [OPTION...]
!        rainbow export RUN|CHECKPOINT --c FILE [OPTION...]
!        rainbow export RUN|CHECKPOINT --safetensors FILE [OPTION...]
= 2
$ rainbow export r/default/tiny --safetensors a.safetensors --input uint8
! rainbow export: --input needs --onnx: a file of weights has no input
! usage: rainbow export RUN|CHECKPOINT --onnx FILE [OPTION...]
!        rainbow export RUN|CHECKPOINT --c FILE [OPTION...]
!        rainbow export RUN|CHECKPOINT --safetensors FILE [OPTION...]
= 2
$ rainbow export r/default/tiny --c a.c --input uint8
! rainbow export: --input needs --onnx: a C file takes what the environment gives
! usage: rainbow export RUN|CHECKPOINT --onnx FILE [OPTION...]
!        rainbow export RUN|CHECKPOINT --c FILE [OPTION...]
!        rainbow export RUN|CHECKPOINT --safetensors FILE [OPTION...]
= 2
$ rainbow export r/default/tiny --c a.c --onnx a.onnx
! rainbow export: choose one of --onnx, --c and --safetensors
! usage: rainbow export RUN|CHECKPOINT --onnx FILE [OPTION...]
!        rainbow export RUN|CHECKPOINT --c FILE [OPTION...]
!        rainbow export RUN|CHECKPOINT --safetensors FILE [OPTION...]
= 2
$ rainbow export r/default/tiny --onnx a.onnx --int8
! rainbow export: --int8 needs --c FILE
! usage: rainbow export RUN|CHECKPOINT --onnx FILE [OPTION...]
!        rainbow export RUN|CHECKPOINT --c FILE [OPTION...]
!        rainbow export RUN|CHECKPOINT --safetensors FILE [OPTION...]
= 2
$ rainbow export r/default/tiny --c a.c --decisions 0
! rainbow export: --decisions=0: must be a whole number, 1 or more
! usage: rainbow export RUN|CHECKPOINT --onnx FILE [OPTION...]
!        rainbow export RUN|CHECKPOINT --c FILE [OPTION...]
!        rainbow export RUN|CHECKPOINT --safetensors FILE [OPTION...]
= 2
$ rainbow export r/default/tiny --c a.c --name 2fast
! rainbow: the name 2fast must be letters, digits and underscores, at most 47, and begin with a letter, because it begins every name in the file
= 2
$ rainbow export r/default/tiny --onnx a.onnx --input double
! rainbow export: --input=double: must be uint8 or float32
! usage: rainbow export RUN|CHECKPOINT --onnx FILE [OPTION...]
!        rainbow export RUN|CHECKPOINT --c FILE [OPTION...]
!        rainbow export RUN|CHECKPOINT --safetensors FILE [OPTION...]
= 2
$ rainbow export r/default/tiny --onnx a.onnx --input uint8
! rainbow: cartpole has float observations, which bytes can't hold: its input must be float32
= 2
$ rainbow export r/default/tiny other --onnx a.onnx
! rainbow export: unexpected word other
! usage: rainbow export RUN|CHECKPOINT --onnx FILE [OPTION...]
!        rainbow export RUN|CHECKPOINT --c FILE [OPTION...]
!        rainbow export RUN|CHECKPOINT --safetensors FILE [OPTION...]
= 2
$ rainbow export r/default/nowhere --onnx never.onnx; ls never.onnx 2>/dev/null
! rainbow: r/default/nowhere: there is no such run
= 2
$ rainbow export r/default/tiny --onnx /nowhere/a.onnx
! rainbow: /nowhere/a.onnx: there is no directory /nowhere; make it first, or name another file
= 1
$ mkdir empty && cp r/default/tiny/config.ini empty && rainbow export empty --onnx never.onnx
! rainbow: empty: is neither a run's directory nor a checkpoint
= 1
$ cp -r r/default/tiny/checkpoints/step_000000000200 broken && echo short > broken/weights.safetensors && rainbow export broken --onnx never.onnx; ls never.onnx 2>/dev/null
! rainbow: broken/weights.safetensors: not a complete safetensors file: it is too short
= 2
$ rm broken/weights.safetensors && rainbow export broken --onnx never.onnx
! rainbow: broken: is neither a run's directory nor a checkpoint
= 1
$ rainbow eval r/default/tiny --trace-steps 10
! rainbow eval: --trace-steps needs --trace FILE
! usage: rainbow eval RUN|CHECKPOINT [OPTION...]
!        rainbow eval ENV --init-weights FILE [OPTION...]
= 2
$ rainbow eval r/default/tiny --trace /nowhere/t.safetensors --episodes 1
! rainbow: /nowhere/t.safetensors: there is no directory /nowhere; make it first, or name another file
= 1
