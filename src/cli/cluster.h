// Shared by the files of `rainbow cluster`.
#ifndef RB_CLI_CLUSTER_H
#define RB_CLI_CLUSTER_H

#include "cli/cli.h"

extern const cli_command cli_cluster_slurm, cli_cluster_status, cli_cluster_task;

#endif
