#include "train/episodes.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "train/run_settings.h"

void rb_episodes_init(rb_episodes *episodes, int environments, rb_arena *arena)
{
    episodes->sums = RB_TAKE(arena, rb_episode_sums, environments);
}

static void print(const rb_run *run, const char *what, int64_t number, int i, double learner, double raw)
{
    char count[32], step[32];
    rb_text_thousands(count, sizeof count, number);
    rb_text_thousands(step, sizeof step, run->step + run->stepper.count); // at the end of this turn
    rb_log_write(&run->log, RB_LOG_INFO,
                 "%s %s, step %s: epsilon %.4g, the learner's reward %.6g, raw reward %.10g", what, count,
                 step, rb_stepper_epsilon(run, i), learner, raw);
}

void rb_episodes_step(rb_run *run, int i, const rb_vector_result *r)
{
    rb_episode_sums *sums = &run->episodes.sums[i];
    const int32_t lines = run->params->run.print_episodes;
    sums->life_learner += (double)r->learner_reward;
    sums->game_learner += (double)r->learner_reward;
    sums->life_raw += r->reward;
    if (r->terminated || r->truncated) {
        run->episodes.lives++;
        if (lines == RB_PRINT_LIVES)
            print(run, "life", run->episodes.lives, i, sums->life_learner, sums->life_raw);
        sums->life_learner = sums->life_raw = 0;
    }
    if (r->game_over) {
        if (lines == RB_PRINT_GAMES)
            print(run, "game", rb_metrics_games(run->metrics), i, sums->game_learner, r->game_return);
        *sums = (rb_episode_sums){0};
    }
}

void rb_episodes_began(rb_run *run, int i)
{
    run->episodes.sums[i] = (rb_episode_sums){0};
}

void rb_episodes_target(const rb_run *run)
{
    const rb_params *p = run->params;
    if (p->run.print_episodes == RB_PRINT_NONE || p->agent.target_tau < 1) return;
    char step[32];
    rb_text_thousands(step, sizeof step, run->step);
    rb_log_write(&run->log, RB_LOG_INFO, "step %s: the target network is updated", step);
}

// A state's settings name every parameter there was: one without run.max_lives has counted none, and its
// games are the fewest there were.
static bool counted(const rb_run *run)
{
    const rb_saved_settings *then = run->settings_then;
    return then && then->text && strstr(then->text, "\nmax_lives = ");
}

void rb_episodes_visit(rb_run *run, rb_visitor *v)
{
    rb_episodes *episodes = &run->episodes;
    if (rb_visitor_loading(v) && !counted(run)) {
        episodes->lives = rb_metrics_games(run->metrics);
        return;
    }
    rb_visit_open(v, "episodes");
    rb_visit_i64(v, "lives", &episodes->lives);
    rb_visit_limits(v, "lives", episodes->lives, 0, INT64_MAX / 2);
    const size_t numbers = (size_t)rb_vector_count(run->envs) * sizeof *episodes->sums / sizeof(double);
    rb_visit_f64s(v, "sums", &episodes->sums->life_learner, numbers);
    rb_visit_finite_f64(v, "sums", &episodes->sums->life_learner, numbers);
    rb_visit_close(v);
}
