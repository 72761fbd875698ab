// Presets against the published recipes: the table below is written down from the papers' values, in steps,
// not from the presets.
#include "config_test.h"

#include "base/file.h"
#include "config/table.h"

enum { DQN, DOUBLE, C51, RAINBOW, DOPAMINE, DER, STUDY, PRESETS };

static const char *const names[PRESETS] = {"dqn", "double",        "c51", "rainbow", "rainbow-dopamine",
                                           "der", "breakout-study"};

// One line a parameter, one column a preset; NULL where the recipe has no such thing.
static const struct {
    const char *key, *values[PRESETS];
} recipes[] = {
    // clang-format off
    //                              dqn                 double              c51          rainbow       dopamine        der           study
    {"agent.double_q",            {"false",            "true",             "false",     "true",       "false",        "true",       "true"}},
    {"net.dueling",               {"false",            "false",            "false",     "true",       "false",        "true",       "true"}},
    {"replay.prioritized",        {"false",            "false",            "false",     "true",       "true",         "true",       "true"}},
    {"agent.categorical",         {"false",            "false",            "true",      "true",       "true",         "true",       "false"}},
    {"net.noisy",                 {"off",              "off",              "off",       "factorised", "off",          "factorised", "independent"}},
    {"agent.n_step",              {"1",                "1",                "1",         "3",          "3",            "20",         "3"}},
    {"net.sigma0",                {NULL,               NULL,               NULL,        "0.5",        NULL,           "0.1",        "0.017"}},
    {"net.trunk",                 {"nature",           "nature",           "nature",    "nature",     "nature",       "der",        "nature"}},
    {"net.hidden",                {"512",              "512",              "512",       "512",        "512",          "256",        "512"}},
    {"optim.kind",                {"rmsprop_centered", "rmsprop_centered", "adam",      "adam",       "adam",         "adam",       "adam"}},
    {"optim.learning_rate",       {"0.00025",          "0.00025",          "0.00025",   "6.25e-05",   "6.25e-05",     "0.0001",     "0.00025"}},
    {"optim.decay",               {"0.95",             "0.95",             NULL,        NULL,         NULL,           NULL,         NULL}},
    {"optim.epsilon",             {"9.765625e-06",     "9.765625e-06",     "0.0003125", "0.00015",    "0.00015",      "0.00015",    NULL}},
    {"optim.epsilon_in_root",     {"true",             "true",             NULL,        NULL,         NULL,           NULL,         NULL}},
    {"optim.clip_norm",           {"0",                "0",                "0",         "10",         "0",            "10",         "0"}},
    {"agent.loss",                {"huber",            "huber",            NULL,        NULL,         NULL,           NULL,         "huber"}},
    {"agent.batch",               {"32",               "32",               "32",        "32",         "32",           "32",         "32"}},
    {"replay.capacity",           {"1000000",          "1000000",          "1000000",   "1000000",    "1000000",      "100000",     "150000"}},
    {"agent.start_steps",         {"50000",            "50000",            "50000",     "20000",      "20000",        "1600",       "75000"}},
    {"agent.update_every_steps",  {"4",                "4",                "4",         "4",          "4",            "1",          "4"}},
    {"agent.updates",             {"1",                "1",                "1",         "1",          "1",            "1",          "1"}},
    {"agent.target_every_steps",  {"10000",            "30000",            "10000",     "8000",       "8000",         "0",          "1250"}},
    {"agent.target_every_updates",{NULL,               NULL,               NULL,        NULL,         NULL,           "2000",       NULL}},
    {"agent.gamma",               {"0.99",             "0.99",             "0.99",      "0.99",       "0.99",         "0.99",       "0.99"}},
    {"explore.start",             {"1",                "1",                "1",         "0",          "1",            "0",          "1"}},
    {"explore.end",               {"0.1",              "0.01",             "0.01",      "0",          "0.01",         "0",          "0.1"}},
    {"explore.steps",             {"1000000",          "1000000",          "250000",    NULL,         "250000",       NULL,         NULL}},
    {"explore.share",             {"0",                "0",                "0",         NULL,         "0",            NULL,         "0.1"}},
    {"replay.alpha",              {NULL,               NULL,               NULL,        "0.5",        "0.5",          "0.5",        "0.6"}},
    {"replay.beta_start",         {NULL,               NULL,               NULL,        "0.4",        "0.5",          "0.4",        "0.4"}},
    {"replay.beta_end",           {NULL,               NULL,               NULL,        "1",          "0.5",          "1",          "1"}},
    {"replay.beta_steps",         {NULL,               NULL,               NULL,        "0",          "0",            "0",          "0"}},
    {"replay.priority_epsilon",   {NULL,               NULL,               NULL,        NULL,         "1e-10",        NULL,         "1e-06"}},
    {"agent.priority",            {NULL,               NULL,               NULL,        "kl",         "cross_entropy","kl",         NULL}},
    {"agent.atoms",               {NULL,               NULL,               "51",        "51",         "51",           "51",         NULL}},
    {"agent.v_min",               {NULL,               NULL,               "-10",       "-10",        "-10",          "-10",        NULL}},
    {"agent.v_max",               {NULL,               NULL,               "10",        "10",         "10",           "10",         NULL}},
    {"atari.life_loss",           {"terminal",         "terminal",         "terminal",  "terminal",   "ignore",       "terminal",   "ignore"}},
    {"atari.sticky",              {"0",                "0",                "0",         "0",          "0.25",         "0",          "0.25"}},
    {"atari.noop_max",            {"30",               "30",               "30",        "30",         "0",            "30",         "30"}},
    {"atari.full_actions",        {"false",            "false",            "false",     "false",      "false",        "false",      "false"}},
    {"atari.frame_skip",          {"4",                "4",                "4",         "4",          "4",            "4",          "4"}},
    {"atari.max_frames",          {"108000",           "108000",           "108000",    "108000",     "108000",       "108000",     "108000"}},
    {"atari.size",                {"84",               "84",               "84",        "84",         "84",           "84",         "84"}},
    {"env.reward",                {"sign",             "sign",             "sign",      "sign",       "sign",         "sign",       "sign"}},
    {"env.stack",                 {"4",                "4",                "4",         "4",          "4",            "4",          "4"}},
    {"env.stack_start",           {"black",            "black",            "black",     "black",      "black",        "black",      "repeat"}},
    {"atari.pool",                {"rgb",              "rgb",              "rgb",       "rgb",        "grey",         "rgb",        "grey"}},
    {"net.init",                  {"pytorch",          "pytorch",          "pytorch",   "pytorch",    "dopamine",     "pytorch",    NULL}},
    {"net.shared_bias",           {"false",            "true",             "false",     "false",      "false",        "false",      "false"}},
    {"explore.after_start",       {"true",             "true",             "true",      NULL,         "true",         NULL,         "false"}},
    {"run.max_steps",             {"50000000",         "50000000",         "50000000",  "50000000",   "50000000",     "100000",     "400000"}},
    {"eval.max_episode_steps",    {"4500",             "4500",             "0",         "0",          "0",            "0",          "0"}},
    {"eval.epsilon",              {"0.05",             "0.001",            "0.001",     "0.001",      "0.001",        "0.001",      "0.05"}},
    {"eval.episodes",             {NULL,               NULL,               NULL,        NULL,         NULL,           NULL,         "50"}},
    {"checkpoint.every_steps",    {NULL,               NULL,               NULL,        NULL,         NULL,           NULL,         "50000"}},
    // clang-format on
};

// Dabney et al. 2017 and 2018, Vieillard et al. 2020: their papers' values, and those of Dopamine's
// implicit_quantile_icml.gin and of munchausen_rl's atari.gin, in steps.
enum { QR_DQN, IQN, M_DQN, M_IQN, QUANTILES };

static const char *const quantile_names[QUANTILES] = {"qr-dqn", "iqn", "m-dqn", "m-iqn"};
static const struct {
    const char *key, *values[QUANTILES];
} quantile_recipes[] = {
    // clang-format off
    //                             qr-dqn       iqn          m-dqn        m-iqn
    {"agent.head",               {"quantile",  "implicit",  "scalar",    "implicit"}},
    {"agent.munchausen",         {"false",     "false",     "true",      "true"}},
    {"agent.munchausen_alpha",   {NULL,        NULL,        "0.9",       "0.9"}},
    {"agent.munchausen_tau",     {NULL,        NULL,        "0.03",      "0.03"}},
    {"agent.munchausen_clip",    {NULL,        NULL,        "-1",        "-1"}},
    {"agent.quantiles",          {"200",       NULL,        NULL,        NULL}},
    {"agent.tau_samples",        {NULL,        "64",        NULL,        "64"}},
    {"agent.tau_targets",        {NULL,        "64",        NULL,        "64"}},
    {"agent.tau_values",         {NULL,        "32",        NULL,        "32"}},
    {"net.cosines",              {NULL,        "64",        NULL,        "64"}},
    {"agent.kappa",              {"1",         "1",         NULL,        "1"}},
    {"agent.loss",               {NULL,        NULL,        "huber",     NULL}},
    {"agent.double_q",           {"false",     "false",     "false",     "false"}},
    {"net.dueling",              {"false",     "false",     "false",     "false"}},
    {"net.noisy",                {"off",       "off",       "off",       "off"}},
    {"replay.prioritized",       {"false",     "false",     "false",     "false"}},
    {"replay.capacity",          {"1000000",   "1000000",   "1000000",   "1000000"}},
    {"net.trunk",                {"nature",    "nature",    "nature",    "nature"}},
    {"net.hidden",               {"512",       "512",       "512",       "512"}},
    {"optim.kind",               {"adam",      "adam",      "adam",      "adam"}},
    {"optim.learning_rate",      {"5e-05",     "5e-05",     "5e-05",     "5e-05"}},
    {"optim.epsilon",            {"0.0003125", "0.0003125", "0.0003125", "0.0003125"}},
    {"agent.gamma",              {"0.99",      "0.99",      "0.99",      "0.99"}},
    {"agent.n_step",             {"1",         "1",         "1",         "1"}},
    {"agent.batch",              {"32",        "32",        "32",        "32"}},
    {"agent.start_steps",        {"50000",     "50000",     "20000",     "20000"}},
    {"agent.update_every_steps", {"4",         "4",         "4",         "4"}},
    {"agent.target_every_steps", {"10000",     "10000",     "8000",      "8000"}},
    {"explore.end",              {"0.01",      "0.01",      "0.01",      "0.01"}},
    {"explore.steps",            {"250000",    "1000000",   "250000",    "250000"}},
    {"explore.after_start",      {"true",      "true",      "true",      "true"}},
    {"eval.epsilon",             {"0.001",     "0.001",     "0.001",     "0.001"}},
    {"atari.sticky",             {"0",         "0",         "0.25",      "0.25"}},
    {"atari.life_loss",          {"terminal",  "terminal",  "ignore",    "ignore"}},
    {"env.reward",               {"sign",      "sign",      "sign",      "sign"}},
    {"run.max_steps",            {"50000000",  "50000000",  "50000000",  "50000000"}},
    // clang-format on
};

static void hold_value(const char *preset, const char *key, const char *wanted)
{
    rb_config *config = new_config();
    rb_error error = {0};
    if (rb_config_preset(config, preset, &error)) fail_msg("%s", error.message);
    if (wanted && strcmp(value_of(config, key), wanted))
        fail_msg("%s: %s = %s, published: %s", preset, key, value_of(config, key), wanted);
    rb_config_destroy(config);
}

// docs/faults.md, 15
static void test_presets_have_the_published_values(void **state)
{
    (void)state;
    for (int p = 0; p < PRESETS; p++)
        for (size_t i = 0; i < sizeof recipes / sizeof recipes[0]; i++)
            hold_value(names[p], recipes[i].key, recipes[i].values[p]);
    for (int p = 0; p < QUANTILES; p++)
        for (size_t i = 0; i < sizeof quantile_recipes / sizeof *quantile_recipes; i++)
            hold_value(quantile_names[p], quantile_recipes[i].key, quantile_recipes[i].values[p]);
}

// PQN's values by environment, from the files of its program (purejaxql, config/alg/pqn_*.yaml), and, for the
// network and what is a constant there, from the program.
enum { PQN, MINATAR_PQN, CARTPOLE_PQN, PQNS };

static const char *const pqn_names[PQNS] = {"pqn", "minatar-pqn", "cartpole-pqn"};
static const struct {
    const char *key, *values[PQNS];
} pqns[] = {
    // clang-format off
    //                         atari       minatar      cartpole
    {"run.max_steps",        {"50000000", "10000000",  "500000"}},
    {"env.count",            {"128",      "128",       "32"}},
    {"agent.rollout_steps",  {"32",       "32",        "64"}},
    {"explore.start",        {"1",        "1",         "1"}},
    {"explore.end",          {"0.001",    "0.05",      "0.2"}},
    {"explore.share",        {"0.1",      "0.1",       "0.2"}},
    {"agent.epochs",         {"2",        "2",         "4"}},
    {"agent.minibatches",    {"32",       "32",        "16"}},
    {"net.norm",             {"channel",  "channel",   "layer"}},
    {"net.norm_epsilon",     {"1e-06",    "0.065025",  "1e-06"}}, // 1e-6 for planes of 1/255
    {"net.trunk",            {"nature",   "minatar",   "mlp"}},
    {"net.mlp",              {NULL,       NULL,        "256"}},
    {"net.hidden",           {"512",      "128",       "256"}},
    {"net.init",             {"he_normal","he_normal", "lecun_normal"}},
    {"optim.kind",           {"radam",    "radam",     "radam"}},
    {"optim.learning_rate",  {"0.00025",  "0.0005",    "0.0001"}},
    {"optim.anneal",         {"false",    "true",      "true"}},
    {"optim.beta1",          {"0.9",      "0.9",       "0.9"}},
    {"optim.beta2",          {"0.999",    "0.999",     "0.999"}},
    {"optim.epsilon",        {"1e-08",    "1e-08",     "1e-08"}},
    {"optim.clip_norm",      {"10",       "10",        "10"}},
    {"agent.loss",           {"half_squared", "half_squared", "half_squared"}},
    {"agent.gamma",          {"0.99",     "0.99",      "0.99"}},
    {"agent.lambda",         {"0.65",     "0.65",      "0.95"}},
    {"env.reward_scale",     {"1",        "1",         "0.1"}},
    {"env.reward",           {"sign",     "raw",       "raw"}},
    {"env.max_episode_steps",{NULL,       "1000",      NULL}},
    {"minatar.sticky",       {NULL,       "0",         NULL}},
    {"minatar.full_actions", {NULL,       "false",     NULL}},
    {"atari.life_loss",      {"terminal", NULL,        NULL}},
    {"atari.sticky",         {"0",        NULL,        NULL}},
    {"atari.frame_skip",     {"4",        NULL,        NULL}},
    {"atari.noop_max",       {"30",       NULL,        NULL}},
    {"eval.epsilon",         {"0",        "0",         "0"}},
    // clang-format on
};

static void test_pqn_has_its_programs_values(void **state)
{
    (void)state;
    for (int p = 0; p < PQNS; p++)
        for (size_t i = 0; i < sizeof pqns / sizeof pqns[0]; i++)
            hold_value(pqn_names[p], pqns[i].key, pqns[i].values[p]);
}

// Few steps and much learning: Dopamine's DrQ_eps.gin; van Hasselt et al. 2019 with the resets of SR_SPR.gin
// at 2 updates a step; Clark et al. 2024.
enum { DRQ_EPS, SR_DER, BTR, EFFICIENT };

static const char *const efficient_names[EFFICIENT] = {"drq-eps", "sr-der", "btr"};
static const struct {
    const char *key, *values[EFFICIENT];
} efficient[] = {
    // clang-format off
    //                              drq-eps      sr-der        btr
    {"agent.head",                {"auto",      "auto",       "implicit"}},
    {"agent.categorical",         {"false",     "true",       "false"}},
    {"agent.double_q",            {"true",      "true",       "false"}},
    {"agent.munchausen",          {"false",     "false",      "true"}},
    {"agent.munchausen_alpha",    {NULL,        NULL,         "0.9"}},
    {"agent.munchausen_tau",      {NULL,        NULL,         "0.03"}},
    {"agent.munchausen_clip",     {NULL,        NULL,         "-1"}},
    {"agent.tau_samples",         {NULL,        NULL,         "8"}},
    {"agent.tau_targets",         {NULL,        NULL,         "8"}},
    {"net.cosines",               {NULL,        NULL,         "64"}},
    {"agent.atoms",               {NULL,        "51",         NULL}},
    {"net.dueling",               {"true",      "true",       "true"}},
    {"net.noisy",                 {"off",       "factorised", "factorised"}},
    {"net.sigma0",                {NULL,        "0.1",        "0.5"}},
    {"net.trunk",                 {"nature",    "der",        NULL}},
    {"net.hidden",                {"512",       "256",        "512"}},
    {"replay.shift",              {"4",         "0",          "0"}},
    {"replay.intensity",          {"0.05",      "0",          "0"}},
    {"replay.prioritized",        {"false",     "true",       "true"}},
    {"replay.alpha",              {NULL,        "0.5",        "0.2"}},
    {"replay.beta_start",         {NULL,        "0.4",        "0.2"}},
    {"replay.beta_end",           {NULL,        "1",          "0.2"}},
    {"replay.capacity",           {"100000",    "100000",     "1048576"}}, // drq-eps: as long as the run
    {"agent.n_step",              {"10",        "20",         "3"}},
    {"agent.gamma",               {"0.99",      "0.99",       "0.997"}},
    {"agent.batch",               {"32",        "32",         "256"}},
    {"agent.start_steps",         {"1600",      "1600",       "200000"}},
    {"agent.update_every_steps",  {"1",         "1",          "64"}},
    {"agent.updates",             {"1",         "2",          "1"}},
    {"agent.target_every_steps",  {"0",         "0",          "0"}},
    {"agent.target_every_updates",{"1",         "2000",       "500"}},
    {"agent.reset_every_updates", {"0",         "40000",      "0"}},
    {"agent.reset_shrink",        {NULL,        "0.8",        NULL}},
    {"agent.reset_last_update",   {NULL,        "160000",     NULL}},
    {"optim.kind",                {"adam",      "adam",       "adam"}},
    {"optim.learning_rate",       {"0.0001",    "0.0001",     "0.0001"}},
    {"optim.epsilon",             {"0.00015",   "0.00015",    "1.953125e-05"}}, // 0.005 / 256
    {"optim.weight_decay",        {"0",         "0",          "0"}},
    {"optim.clip_norm",           {"0",         "10",         "10"}},
    {"explore.start",             {"1",         "0",          "1"}},
    {"explore.end",               {"0.01",      "0",          "0.01"}},
    {"explore.schedule",          {"linear",    NULL,         "exponential"}},
    {"explore.rate",              {NULL,        NULL,         "5e-07"}}, // 1 / 2,000,000 of the rest a step
    {"explore.steps",             {"5000",      NULL,         NULL}},
    {"explore.after_start",       {"true",      NULL,         "false"}},
    {"env.count",                 {"1",         "1",          "64"}},
    {"env.reward",                {"sign",      "sign",       "sign"}},
    {"atari.sticky",              {"0",         "0",          "0.25"}},
    {"atari.life_loss",           {"terminal",  "terminal",   "ignore"}},
    {"eval.epsilon",              {"0.001",     "0.001",      "0.001"}},
    {"run.max_steps",             {"100000",    "100000",     "50000000"}},
    // clang-format on
};

static void test_presets_for_few_steps(void **state)
{
    (void)state;
    for (int p = 0; p < EFFICIENT; p++)
        for (size_t i = 0; i < sizeof efficient / sizeof *efficient; i++)
            hold_value(efficient_names[p], efficient[i].key, efficient[i].values[p]);
}

// The recipes of systems that people built before, as they describe them; NULL where they have no such thing.
enum { VECTORISED, TEXTBOOK, GUIDE_CARTPOLE, GUIDE_BREAKOUT, SYSTEMS };

static const char *const system_names[SYSTEMS] = {"vectorised-rainbow", "textbook-dqn",
                                                  "guide-cartpole-pixels", "guide-breakout"};
static const struct {
    const char *key, *values[SYSTEMS];
} systems[] = {
    // clang-format off
    //                              vectorised   textbook        cartpole pixels  breakout
    {"env.count",                 {"8",         "1",            "1",             "1"}},
    {"env.reward",                {"sign",      "frame_signs",  "raw",           "sign"}},
    {"run.seed",                  {"0",         NULL,           NULL,            NULL}},
    {"run.root",                  {"logs",      NULL,           NULL,            NULL}},
    {"plot.enabled",              {"false",     NULL,           NULL,            NULL}},
    {"atari.fire_first",          {NULL,        "true",         NULL,            "false"}},
    {"atari.noop_after_life",     {NULL,        "1",            NULL,            NULL}},
    {"atari.pool",                {NULL,        "rgb",          NULL,            NULL}},
    {"net.unscaled",              {"false",     "true",         "false",         "false"}},
    {"env.stack",                 {"4",         "4",            "1",             "4"}},
    {"env.max_episode_steps",     {NULL,        NULL,           "0",             NULL}},
    {"atari.noop_max",            {"10",        "30",           NULL,            NULL}},
    {"atari.noop_min",            {NULL,        "1",            NULL,            NULL}},
    {"atari.fire_on_reset",       {NULL,        "true",         NULL,            "true"}},
    {"atari.life_loss",           {NULL,        "terminal",     NULL,            "penalty"}},
    {"agent.double_q",            {"false",     "false",        "false",         "false"}},
    {"net.dueling",               {"false",     "false",        "false",         "false"}},
    {"replay.prioritized",        {"false",     "false",        "false",         "false"}},
    {"agent.categorical",         {"false",     "false",        "false",         "false"}},
    {"net.noisy",                 {"off",       "off",          "off",           "off"}},
    {"agent.n_step",              {"1",         "1",            "1",             "1"}},
    {"net.trunk",                 {"nature",    "nature",       "mlp",           "nips"}},
    {"net.mlp",                   {NULL,        NULL,           "24-32",         NULL}},
    {"net.hidden",                {"512",       "512",          "0",             "256"}},
    {"replay.capacity",           {"1000000",   "100000",       "10000",         "1000000"}},
    {"agent.batch",               {"32",        "32",           "256",           "32"}},
    {"agent.start_steps",         {"50000",     "1000",         "256",           "50000"}},
    {"agent.skip_episode_steps",  {"0",         "0",            "1",             "17"}}, // timestep > N, from 0
    {"agent.update_every_steps",  {"4",         "1",            "1",             "1"}},
    {"agent.updates",             {"1",         "1",            "1",             "1"}},
    {"agent.gamma",               {"0.99",      "0.99",         "0.99",          "0.99"}},
    {"optim.kind",                {"adam",      "rmsprop",      "adam",          "adam"}},
    {"optim.learning_rate",       {"6.25e-05",  "0.00025",      "0.001",         "1e-05"}},
    {"optim.decay",               {NULL,        "0.99",         NULL,            NULL}},
    {"optim.epsilon",             {NULL,        "1e-08",        "1e-08",         "1e-08"}},
    {"optim.epsilon_in_root",     {NULL,        "false",        NULL,            NULL}},
    {"agent.loss",                {NULL,        "half_squared", "squared",       "squared"}},
    {"optim.clip_norm",           {"0",         "0",            "0",             "0"}},
    {"optim.clip_value",          {"1",         "0",            "0",             "0"}},
    {"agent.target_every_steps",  {"10000",     "10000",        "0",             "0"}},
    {"agent.target_every_episodes",{"0",        "0",            "10",            "1000"}},
    {"agent.target_tau",          {"1",         "1",            "1",             "1"}},
    {"explore.schedule",          {"linear",    "linear",       "exponential",   "exponential"}},
    {"explore.start",             {"1",         "1",            "1",             "1"}},
    {"explore.end",               {"0.1",       "0.1",          "0.01",          "0.01"}},
    {"explore.steps",             {"1000000",   "100000",       NULL,            NULL}},
    {"explore.by",                {"steps",     "updates",      "steps",         "steps"}},
    {"explore.rate",              {NULL,        NULL,           "0.001",         "0.0001"}},
    {"replay.alpha",              {"0.6",       NULL,           NULL,            NULL}},
    {"replay.beta_start",         {"0.4",       NULL,           NULL,            NULL}},
    {"replay.beta_end",           {"1",         NULL,           NULL,            NULL}},
    {"replay.beta_steps",         {"100000",    NULL,           NULL,            NULL}},
    {"replay.priority_epsilon",   {"1e-05",     NULL,           NULL,            NULL}},
    {"agent.atoms",               {"51",        NULL,           NULL,            NULL}},
    {"agent.v_min",               {"-10",       NULL,           NULL,            NULL}},
    {"agent.v_max",               {"10",        NULL,           NULL,            NULL}},
    {"run.max_steps",             {"20000000",  NULL,           NULL,            NULL}},
    {"run.max_minutes",           {"1200",      "0",            "0",             "0"}},
    {"run.stop_score",            {"10000",     NULL,           NULL,            NULL}},
    {"run.stop_evaluations",      {"20",        "0",            "0",             "0"}},
    {"run.max_episodes",          {"0",         "0",            "1000",          "100000"}},
    {"run.max_lives",             {"0",         "100000",       "0",             "0"}},
    {"run.print_episodes",        {"none",      "lives",        "none",          "none"}},
    {"eval.every_steps",          {"50000",     "0",            "0",             "0"}},
    {"eval.every_episodes",       {"0",         "0",            "10",            "10"}},
    {"eval.episodes",             {"10",        NULL,           NULL,            NULL}},
    {"eval.epsilon",              {"0.05",      NULL,           "0",             "0"}},
    {"record.every_episodes",     {NULL,        NULL,           "10",            "10"}},
    {"record.steps",              {NULL,        NULL,           "1500",          "1500"}},
    {"record.fps",                {NULL,        NULL,           "10",            "30"}},
    {"checkpoint.every_steps",    {"2500000",   NULL,           "0",             "0"}},
    {"checkpoint.every_episodes", {"0",         "0",            "100",           "100"}},
    // clang-format on
};

static void test_presets_of_other_systems(void **state)
{
    (void)state;
    for (int p = 0; p < SYSTEMS; p++)
        for (size_t i = 0; i < sizeof systems / sizeof systems[0]; i++)
            hold_value(system_names[p], systems[i].key, systems[i].values[p]);
}

static void test_every_preset_is_whole_and_consistent(void **state)
{
    (void)state;
    assert_true(rb_preset_count() > PRESETS); // with those of small tasks
    assert_null(rb_preset_get(-1));
    assert_null(rb_preset_get(rb_preset_count()));
    for (int i = 0; i < rb_preset_count(); i++) {
        const rb_preset_info *preset = rb_preset_get(i);
        rb_config *config = new_config();
        rb_error error = {0};
        if (rb_config_preset(config, preset->name, &error)) fail_msg("%s", error.message);
        if (rb_config_check(config, &error)) fail_msg("%s: %s", preset->name, error.message);
        assert_string_equal(value_of(config, "run.preset"), preset->name);
        assert_memory_equal(preset->values, "# ", 2); // its source

        // A key twice would be a slip.
        for (int k = 0; k < rb_param_count(); k++) {
            char line[128];
            snprintf(line, sizeof line, "\n%s = ", rb_param_get(k)->key);
            const char *first = strstr(preset->values, line);
            if (first && strstr(first + 1, line))
                fail_msg("%s sets %s twice", preset->name, rb_param_get(k)->key);
        }
        rb_config_destroy(config);
    }
}

// What `rainbow presets NAME` prints, kept as a file, is the preset.
static void test_a_presets_text_is_a_file(void **state)
{
    (void)state;
    for (int i = 0; i < rb_preset_count(); i++) {
        rb_config *config = new_config(), *read = new_config();
        rb_error error = {0};
        assert_int_equal(rb_config_preset(config, rb_preset_get(i)->name, NULL), RB_OK);
        if (rb_config_read(read, written(rb_preset_get(i)->values), &error)) fail_msg("%s", error.message);
        assert_string_equal(value_of(read, "run.preset"), "");
        config->params.run.preset[0] = 0;
        for (int k = 0; k < rb_table_count(); k++)
            assert_true(rb_value_equal(rb_table_get(k), &config->params, &read->params));
        rb_config_destroy(config);
        rb_config_destroy(read);
    }
    unlink(written(""));
}

// presets/*.ini, all of them, and the first line of each says which it is.
static void test_each_file_is_a_preset(void **state)
{
    (void)state;
    const char *directory = RB_TEST_DATA "/../../src/config/presets";
    char **files, path[RB_PATH_MAX], begin[128], *text;
    int count;
    size_t bytes;
    assert_int_equal(rb_file_list(directory, &files, &count, NULL), RB_OK);
    assert_int_equal(count, rb_preset_count());
    for (int i = 0; i < rb_preset_count(); i++) {
        const rb_preset_info *preset = rb_preset_get(i);
        snprintf(path, sizeof path, "%s/%s.ini", directory, preset->name);
        snprintf(begin, sizeof begin, "# %s: %s\n", preset->name, preset->help);
        if (rb_file_read(path, &text, &bytes, NULL)) fail_msg("%s is not there", path);
        assert_memory_equal(text, begin, strlen(begin));
        assert_string_equal(text + strlen(begin), preset->values);
        free(text);
    }
    rb_file_list_free(files, count);
}

static void test_cartpole_is_the_full_agent(void **state)
{
    (void)state;
    rb_config *config = new_config();
    assert_int_equal(rb_config_preset(config, "cartpole", NULL), RB_OK);
    const rb_params *p = &config->params;
    assert_true(p->agent.double_q && p->net.dueling && p->replay.prioritized && p->agent.categorical);
    assert_int_equal(p->net.noisy, RB_NOISY_FACTORISED);
    assert_true(p->agent.n_step > 1);
    assert_true(p->run.max_steps <= 50000);

    rb_config_destroy(config);
    config = new_config();
    assert_int_equal(rb_config_preset(config, "cartpole-dqn", NULL), RB_OK);
    p = &config->params;
    assert_false(p->agent.double_q || p->net.dueling || p->replay.prioritized || p->agent.categorical);
    assert_int_equal(p->net.noisy, RB_NOISY_OFF);
    assert_int_equal(p->agent.n_step, 1);
    assert_true(p->run.max_steps <= 50000);
    rb_config_destroy(config);
}

static void test_setting_run_preset_applies_it(void **state)
{
    (void)state;
    rb_config *config = new_config(), *same = new_config();
    assert_int_equal(rb_config_set(config, "run.preset", "der", NULL, NULL), RB_OK);
    assert_int_equal(rb_config_preset(same, "der", NULL), RB_OK);
    assert_memory_equal(config, same, sizeof *config);
    rb_error error = {0};
    assert_int_equal(rb_config_preset(config, "dre", &error), RB_ERR_USAGE);
    expect_error(&error, "no preset dre; did you mean der?");
    assert_memory_equal(config, same, sizeof *config);
    rb_config_destroy(config);
    rb_config_destroy(same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_presets_have_the_published_values),
        cmocka_unit_test(test_presets_for_few_steps),
        cmocka_unit_test(test_pqn_has_its_programs_values),
        cmocka_unit_test(test_presets_of_other_systems),
        cmocka_unit_test(test_every_preset_is_whole_and_consistent),
        cmocka_unit_test(test_a_presets_text_is_a_file),
        cmocka_unit_test(test_each_file_is_a_preset),
        cmocka_unit_test(test_cartpole_is_the_full_agent),
        cmocka_unit_test(test_setting_run_preset_applies_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
