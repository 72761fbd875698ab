#include "nn/optimiser.h"

#include <math.h>

rb_optimiser rb_optimiser_make(const rb_optim_params *params)
{
    return (rb_optimiser){.params = *params, .rate = params->learning_rate};
}

// RAdam (Liu et al. 2020) corrects Adam's step by the variance of its denominator, which is known from the
// number of updates t: with rho_inf = 2 / (1 - beta2) - 1 and rho = rho_inf - 2 t beta2^t / (1 - beta2^t),
// the factor is sqrt((rho - 4) (rho - 2) rho_inf / ((rho_inf - 4) (rho_inf - 2) rho)). While rho is at most
// 5, the step is the corrected mean gradient alone. Epsilon is added to the root before its correction, as in
// PyTorch.
static void rectify(rb_rule *rule, double beta2, double updates)
{
    const double left = pow(beta2, updates), most = 2 / (1 - beta2) - 1;
    const double rho = most - 2 * updates * left / (1 - left);
    if (rho > 5) {
        rule->rate *= (float)sqrt((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho));
        rule->epsilon *= rule->root;
    } else {
        rule->root = 0;
        rule->epsilon = 1;
    }
}

// Clipping by norm as in PyTorch's clip_grad_norm_, then by value. Weight decay is decoupled from the
// gradient (Loshchilov and Hutter 2017), as in PyTorch's AdamW and RAdam.
rb_rule rb_optimiser_rule(const rb_optimiser *optimiser, double norm)
{
    const rb_optim_params *params = &optimiser->params;
    rb_rule rule = {.scale = 1,
                    .clip = INFINITY,
                    .keep = 1,
                    .epsilon = (float)params->epsilon,
                    .rate = (float)optimiser->rate};
    if (params->clip_norm > 0 && !(params->clip_norm >= norm + 1e-6))
        rule.scale = (float)(params->clip_norm / (norm + 1e-6));
    if (params->clip_value > 0) rule.clip = (float)params->clip_value;
    if (params->kind == RB_OPTIM_ADAM || params->kind == RB_OPTIM_RADAM) {
        const double updates = (double)optimiser->updates + 1;
        rule.kind = RB_RULE_ADAM;
        rule.beta1 = (float)params->beta1;
        rule.beta2 = (float)params->beta2;
        rule.rate = (float)(optimiser->rate / (1 - pow(params->beta1, updates)));
        rule.root = (float)(1 / sqrt(1 - pow(params->beta2, updates)));
        rule.keep = (float)(1 - optimiser->rate * params->weight_decay);
        if (params->kind == RB_OPTIM_RADAM) rectify(&rule, params->beta2, updates);
    } else {
        rule.kind = params->kind == RB_OPTIM_RMSPROP ? RB_RULE_RMSPROP : RB_RULE_RMSPROP_CENTERED;
        if (params->epsilon_in_root) rule.under = rule.epsilon, rule.epsilon = 0;
        rule.beta2 = (float)params->decay;
    }
    return rule;
}

void rb_optimiser_visit(rb_optimiser *optimiser, rb_visitor *visitor)
{
    rb_visit_open(visitor, "optimiser");
    rb_visit_u64(visitor, "updates", &optimiser->updates);
    rb_visit_close(visitor);
}
