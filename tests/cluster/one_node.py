"""A real Slurm of one node on this machine, for tests: munged, slurmctld and slurmd below one directory, ended by process id."""
import os
import shutil
import signal
import socket
import subprocess
import time

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel", "sinfo")

CONF = """ClusterName={name}
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmdPort={port_node}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={directory}/munge/socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
StateSaveLocation={directory}/state
SlurmdSpoolDir={directory}/spool
SlurmctldPidFile={directory}/slurmctld.pid
SlurmdPidFile={directory}/slurmd.pid
SlurmctldLogFile={directory}/log/slurmctld.log
SlurmdLogFile={directory}/log/slurmd.log
ReturnToService=2
KillWait={kill_wait}
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
{more}
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=8000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def why_not():
    """Why a Slurm can't be started here; "" if it can."""
    missing = [name for name in PROGRAMS if not find(name)]
    if missing:
        return f"Slurm is not installed (no {', '.join(missing)}; Debian: apt-get install slurm-wlm munge)"
    if os.geteuid() != 0:
        return "slurmd needs root"
    return ""


def find(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Slurm:
    def __init__(self, directory, kill_wait=10, more=""):
        self.directory = os.path.abspath(directory)
        self.processes = []
        for name in ("spool", "state", "log", "munge"):
            os.makedirs(os.path.join(self.directory, name), exist_ok=True)
        os.chmod(self.directory, 0o755)
        os.chmod(os.path.join(self.directory, "munge"), 0o755)
        conf = os.path.join(self.directory, "slurm.conf")
        with open(conf, "w", encoding="utf-8") as file:
            file.write(CONF.format(name="test", host=socket.gethostname().split(".")[0], port=free_port(), port_node=free_port(),
                                   directory=self.directory, cpus=os.cpu_count(), kill_wait=kill_wait, more=more))
        self.env = dict(os.environ, SLURM_CONF=conf)

    def start(self):
        munge = os.path.join(self.directory, "munge")
        key = os.path.join(munge, "key")
        with open(key, "wb") as file:
            file.write(os.urandom(1024))
        os.chmod(key, 0o400)
        self.spawn("munged", "--foreground", "--force", f"--key-file={key}", f"--socket={munge}/socket", f"--pid-file={munge}/pid",
                   f"--log-file={munge}/log", f"--seed-file={munge}/seed")
        self.wait(lambda: os.path.exists(f"{munge}/socket"), "munged")
        self.spawn("slurmctld", "-D")
        self.spawn("slurmd", "-D")
        self.wait(lambda: "idle" in self.call("sinfo", "-h", "-o", "%T").stdout, "the node")
        os.environ["SLURM_CONF"] = self.env["SLURM_CONF"]

    def spawn(self, name, *words):
        log = open(os.path.join(self.directory, "log", name + ".out"), "wb")
        self.processes.append(subprocess.Popen([find(name), *words], env=self.env, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                               start_new_session=True))

    def wait(self, ready, what, seconds=60):
        for _ in range(10 * seconds):
            if ready():
                return
            time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"{what} did not come up; see {self.directory}/log")

    def call(self, *words):
        try:
            return subprocess.run(words, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=5)
        except subprocess.TimeoutExpired:  # scancel repeats itself for a job that is just being requeued
            return subprocess.CompletedProcess(words, 124, "timed out")

    def stop(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        self.processes = []
