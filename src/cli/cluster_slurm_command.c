// rainbow cluster slurm: writes the job array of a group of runs, and submits it if asked to.
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/cluster.h"
#include "cli/jobs.h"
#include "cli/signals.h"

enum { SEEDS, JOBS, PER_TASK, SUBMIT, TRUST };

static const cli_option options[] = {
    [SEEDS] = CLI_VALUE("seeds", "LIST",
                        "one run per seed, such as 1..5 or 1,3,7; default: the seed of the settings"),
    [JOBS] = CLI_VALUE(
        "jobs", "N",
        "runs of a task that train side by side, one processor each (or --compute.threads); default: as "
        "many as `-- -c N` gives processors for, else those of a node where the cluster gives whole nodes, "
        "else 1"),
    [PER_TASK] =
        CLI_VALUE("runs-per-task", "N",
                  "runs of a task; default: those side by side, or more if the array would have more tasks "
                  "than the cluster allows (MaxArraySize)"),
    [SUBMIT] = CLI_FLAG("submit", "submit the array with sbatch"),
    [TRUST] = CLI_TRUST,
    {0},
};

static void describe(const rb_cluster_plan *p)
{
    char runs[32], memory[32], more[120] = "";
    rb_text_thousands(runs, sizeof runs, p->runs);
    rb_text_bytes(memory, sizeof memory, p->task_bytes);
    if (p->runs_per_task > 1)
        snprintf(more, sizeof more, " of %d runs, %d at once,", p->runs_per_task, p->at_once);
    cli_note("rainbow: %s run%s in %d task%s%s with %d processor%s and %s of memory each", runs,
             p->runs == 1 ? "" : "s", p->tasks, p->tasks == 1 ? "" : "s", more, p->cpus,
             p->cpus == 1 ? "" : "s", memory);
    const int least = (p->runs + p->array_most - 1) / p->array_most;
    if (p->runs_per_task != least || least <= p->at_once) return; // the limit had no part in it
    char at_once[32] = "one after the other";
    if (p->at_once > 1) snprintf(at_once, sizeof at_once, "%d at a time", p->at_once);
    cli_note("rainbow: an array of this cluster has at most %d tasks (MaxArraySize), so a task trains %d "
             "runs, %s",
             p->array_most, p->runs_per_task, at_once);
}

static int write_and_submit(const rb_cluster_plan *p, bool submit)
{
    rb_error error = {0};
    char job[64];
    if (rb_cluster_plan_write(p, &error)) return cli_fail(&error);
    printf("%s\n", p->group);
    fflush(stdout);
    describe(p);
    if (!submit) {
        cli_note("rainbow: the script is %s; the same command with --submit submits it", p->script);
        return CLI_DONE;
    }
    sigset_t before;
    cli_signals_block(&before); // what sbatch has submitted is noted first
    const rb_status failed = rb_cluster_submit(p->directory, NULL, job, sizeof job, &error);
    const int status = failed ? cli_fail(&error) : CLI_DONE;
    if (!failed)
        cli_note("rainbow: submitted as job %s; `rainbow cluster status %s` shows its runs", job, p->group);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return status;
}

static int slurm(const cli_command *command, cli_words *words)
{
    enum { PATH_BYTES = 4096 };
    static int64_t seeds[CLI_RUNS_MOST];
    static char program[PATH_BYTES];
    const char *const *given = words->given;
    rb_cluster_request request = {.count = words->count,
                                  .words = words->rest,
                                  .option_count = words->passed_count,
                                  .options = words->passed,
                                  .seeds = seeds,
                                  .program = program,
                                  .trusted = given[TRUST] != NULL};
    int status = given[SEEDS] ? cli_read_seeds(command, given[SEEDS], seeds, &request.seed_count) : CLI_DONE;
    if (status == CLI_DONE) status = cli_whole_number(command, "jobs", given[JOBS], 1, &request.at_once);
    if (status == CLI_DONE)
        status = cli_whole_number(command, "runs-per-task", given[PER_TASK], 1, &request.runs_per_task);
    if (status != CLI_DONE) return status;
    if (request.at_once && request.runs_per_task && request.at_once > request.runs_per_task)
        return cli_usage(command, "--jobs=%d: a task has only --runs-per-task=%d runs", request.at_once,
                         request.runs_per_task);
    if (!words->count) return cli_usage(command, "no environment is named; `rainbow envs` lists them");
    if (!cli_program_path(program, sizeof program)) snprintf(program, sizeof program, "rainbow");

    rb_error error = {0};
    rb_cluster_plan *plan = NULL;
    if (rb_cluster_plan_make(&plan, &request, &error)) return cli_fail(&error);
    status = write_and_submit(plan, given[SUBMIT] != NULL);
    rb_cluster_plan_free(plan);
    return status;
}

const cli_command cli_cluster_slurm = {
    .name = "cluster slurm",
    .usage = "ENV,ENV... [--seeds LIST] [--submit] [OPTION...] [-- SBATCH-OPTION...]",
    .help = "write a job array that trains a group of runs, and submit it",
    .details =
        "The runs are all combinations of environments, seeds and values: a parameter with several "
        "values, separated "
        "by commas, is swept (unless it is a text, which may hold commas). The settings of every run "
        "are checked before "
        "anything is written. The first line of standard output is the group's directory, RUNS/GROUP; "
        "the array is in "
        "RUNS/GROUP/slurm: array.sh, the job script, and runs.txt, the command line of each run.\n\nA "
        "task that is "
        "stopped, by its time limit, a preemption or a signal, saves its runs and is requeued; it "
        "then resumes them. "
        "Words after -- are options of sbatch, such as a time limit or a partition; they replace the ones "
        "that this command "
        "writes.\n\nA group is submitted once. Without --run.group, its name is made of the "
        "environments and the swept "
        "parameters.",
    .options = options,
    .examples = {{"rainbow cluster slurm cartpole,acrobot --seeds 1..5 --run.group=first --submit",
                  "Trains ten runs as one job array"},
                 {"rainbow cluster slurm acrobot --seeds 1..5 --optim.learning_rate=1e-4,5e-5",
                  "Writes the array of a sweep of ten runs"}},
    .words = CLI_ANY_WORDS,
    .settings = CLI_ALL_SETTINGS,
    .run = slurm,
    .passes = "SBATCH-OPTION",
};
