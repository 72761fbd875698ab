// The two tables in a run's directory: the names of their files and columns, shared by all code that writes
// or reads them.
#ifndef RB_IO_RUN_TABLES_H
#define RB_IO_RUN_TABLES_H

#define RB_TRAIN_CSV "train.csv" // one row per game
#define RB_EVAL_CSV  "eval.csv"  // one row per evaluation

#define RB_COLUMN_STEP    "step"
#define RB_COLUMN_FRAMES  "frames"
#define RB_COLUMN_SECONDS "seconds"
// train.csv
#define RB_COLUMN_EPISODE "episode"
#define RB_COLUMN_ENV     "env"
#define RB_COLUMN_RETURN  "return"
#define RB_COLUMN_LENGTH  "length"
#define RB_COLUMN_EPSILON "epsilon"
#define RB_COLUMN_LOSS    "loss"
#define RB_COLUMN_Q_MEAN  "q_mean"
#define RB_COLUMN_UPDATES "updates"
// eval.csv
#define RB_COLUMN_EPISODES "episodes"
#define RB_COLUMN_MEAN     "mean"
#define RB_COLUMN_STD      "std"
#define RB_COLUMN_MIN      "min"
#define RB_COLUMN_MAX      "max"
#define RB_COLUMN_MEDIAN   "median"
#define RB_COLUMN_TRAILING "trailing" // not in tables of earlier versions

#define RB_TRAIN_HEADER                                                                                      \
    RB_COLUMN_STEP "," RB_COLUMN_FRAMES "," RB_COLUMN_EPISODE "," RB_COLUMN_ENV "," RB_COLUMN_RETURN         \
                   "," RB_COLUMN_LENGTH "," RB_COLUMN_EPSILON "," RB_COLUMN_LOSS "," RB_COLUMN_Q_MEAN        \
                   "," RB_COLUMN_UPDATES "," RB_COLUMN_SECONDS
// The second one is that of a table without a trailing mean, which a resumed run continues as it is.
#define RB_EVAL_HEADER RB_EVAL_HEADER_OLD "," RB_COLUMN_TRAILING
#define RB_EVAL_HEADER_OLD                                                                                   \
    RB_COLUMN_STEP "," RB_COLUMN_FRAMES "," RB_COLUMN_EPISODES "," RB_COLUMN_MEAN "," RB_COLUMN_STD          \
                   "," RB_COLUMN_MIN "," RB_COLUMN_MAX "," RB_COLUMN_MEDIAN "," RB_COLUMN_SECONDS

#endif
