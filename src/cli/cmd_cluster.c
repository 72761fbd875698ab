// rainbow cluster: many trainings as a job array. A table; each part has its own file (cluster_*_command.c).
#include "cli/cluster.h"

static const cli_command *const parts[] = {&cli_cluster_slurm, &cli_cluster_status, &cli_cluster_task, NULL};

static int cluster(const cli_command *command, cli_words *words)
{
    if (words->count)
        return cli_usage(command, "no part %s; there are slurm, status and task", words->rest[0]);
    return cli_usage(command, "no part is named; there are slurm, status and task");
}

static const cli_option options[] = {{0}};

const cli_command cli_cluster = {
    .name = "cluster",
    .usage = "COMMAND [OPTION...]",
    .help = "train many runs on a cluster, and see what has become of them",
    .details = "docs/clusters.md leads through a first array, and describes Kubernetes and sweeps by other "
               "programs.",
    .options = options,
    .examples = {{"rainbow cluster slurm cartpole,acrobot --seeds 1..5 --run.group=first --submit",
                  "Trains ten runs as one job array of Slurm"},
                 {"rainbow cluster status first", "Lists them: done, running, waiting, failed"}},
    .words = CLI_ANY_WORDS,
    .run = cluster,
    .parts = parts,
};
