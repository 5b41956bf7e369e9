"""Small wrongs along the way of the estimate, each a piece of the source and what to put for it.

A piece must stand in its file exactly once; those that no longer do are told and left out. None is
another way to write the same: each changes a result that somebody may see. Most are what a hand
that tidies up might do: a floor, a weight, an axis, a rule for a case that is rare.
"""

FIRST = {  # the tests that are about a file, to be asked before the others
    "_engine/_members": "members rare_classes rare_classes_fit splits",
    "_engine/_batches": "small_wrongs batches training splits",
    "_engine/_training": "small_wrongs batches training stopping splits",
    "_engine/_callbacks": "stopping training classifier_label_noise",
    "_engine/_scoring": "small_wrongs scoring batches same_answers classifier_label_noise",
    "_pool/_log_linear": "small_wrongs log_linear left_out_experts cross_val",
    "_pool/_label_noise": "label_noise log_linear classifier_label_noise",
    "_engine/_ensemble": (
        "small_wrongs splits classifier classifier_label_noise companions companions_fit gccs"
    ),
    "_pool/_companions": "companions companions_fit",
    "_pool/_boosting": "boosting companions companions_fit",
    "_pool/_tree_arrays": "forest boosting",
    "_recipe": "small_wrongs splits companions_fit adversarial_training",
    "_inputs/_cells": "table_encoder encoded_levels classifier_tables table_space",
    "_inputs/_table_encoder": (
        "table_encoder encoded_numbers encoded_levels classifier_tables text_columns"
    ),
    "_inputs/_image_encoder": "image_encoder images classifier_images",
    "_engine/_rare_classes": "rare_classes rare_classes_fit",
    "_inputs/_repeated_rows": "repeated_rows copies_with_ids row_groups",
    "_pool/_noise_error": "noise_error",
    "modules/_encodings": "encoded_numbers encoded_levels table_encoder modules classifier_tables",
    "_posterior": "small_wrongs classifier splits classifier_estimate",
    "_classifier": "small_wrongs splits classifier fit companions_fit",
    "_inputs/_checks": "classifier_input splits",
    "losses/_dmi": "small_wrongs dmi losses training classifier_label_noise",
    "losses/_base": "losses",
    "losses/_forward": "noise_robust_losses losses classifier_label_noise",
    "losses/_gce": "noise_robust_losses losses",
    "losses/_pc_softmax": "proper_losses losses classifier classifier_estimate",
    "losses/_gccs": "gccs losses",
    "losses/_gaussian_classes": "gccs",
    "modules/_layers": "modules",
    "modules/_mlp": "modules stopping",
    "metrics/_estimate": "small_wrongs estimate splits cross_val",
    "metrics/_variational": "variational both_scores",
    "metrics/_determinant": "determinant both_scores",
    "model_selection/_cross_val": "small_wrongs cross_val compare",
}

# Step of the way, and under it file: piece => what is put for it.
MUTANTS = """
encode
_inputs/_table_encoder: [0.25, 0.5, 0.75] => [0.25, 0.25, 0.75]
_inputs/_table_encoder: for v in values[r].T] => for v in values.T]
_inputs/_table_encoder: missing[r].any(0) & ~missing[r].all(0) => missing.any(0) & ~missing.all(0)
_inputs/_table_encoder: np.bincount(codes[r], minlength => np.bincount(codes, minlength
_inputs/_table_encoder: RARE = 2 => RARE = 1
_inputs/_cells: NEARLY_UNIQUE = 0.9 => NEARLY_UNIQUE = 1.1
_inputs/_table_encoder: np.argsort(-counts * known => np.argsort(counts * known
_inputs/_table_encoder: places[:] = known.sum() => places[:-1] = known.sum()
_inputs/_cells: (counts == 1).sum() > => (counts <= 1).sum() >
_inputs/_image_encoder: _mean_and_spread(X[rows]) for rows => _mean_and_spread(X) for rows
modules/_encodings: (1 + (z / 3).square()).sqrt() => 1
modules/_encodings: .isnan() & self.flags => .isnan()
modules/_encodings: np.where(own < 0, self.n_levels, own + at) => np.where(own < 0, at, own + at)
_recipe: m, rows) for m, rows in enumerate(train_rows)) => m) for m, rows in enumerate(train_rows))
split
_engine/_members: ~np.isin(self.entry_row, self.part_rows[part]) => self.entry_part != part
_engine/_members: rng.permutation(group.max() + 1)[group] % 2 => rng.permutation(len(rows)) % 2
_engine/_members: order = order[np.argsort(y[order], kind="stable")] => order = order
_engine/_members: return _place_by_class(y, seed) % cv => return np.arange(len(y)) % cv
_engine/_members: y = y if cv <= counts.max() else np.zeros_like(y) => y = np.zeros_like(y)
_engine/_members: if groups is None and cv > counts.min(): => if cv > counts.min():
_engine/_members: count[count == 0] = np.nan => count[count == 0] = 1
_engine/_members: test[keep[test]] => test
_engine/_members: both = np.intersect1d(train, test) => both = train[:0]
_engine/_members: np.add.at(total, self.entry_row, values) => total[self.entry_row] = values
_classifier: keep=None if weight is None else weight > 0 => keep=None
train
_engine/_batches: key[data.padding] = 2.0 => key[data.padding] = 0.0
_engine/_batches: place % data.n_train[:, None] => place % data.n_train.max() + 0 * data.n_train[:, None]
_engine/_training: module.load_state_dict(stopping.best_) => pass
_engine/_training: module.load_state_dict(start) => pass
_engine/_training: n_iter += len(net.history) => n_iter = len(net.history)
_engine/_batches: width + used[member] + np.arange => width + np.arange
_engine/_batches: (self.y[rows],) if self.weight is None else => (self.y[rows],) if True else
_engine/_training: {"weight_decay": settings.alpha => {"weight_decay": 0.0
_engine/_training: T_max=settings.max_iter => T_max=2 * settings.max_iter
_engine/_callbacks: net.lr * self.n_begun_ / self.n_batches_ => net.lr
_recipe: rate * loss.learning_rate_factor => rate
_recipe: MAX_ITER * loss.max_iter_factor => MAX_ITER
_recipe: class_weight if weight is None else weight * class_weight => class_weight
_recipe: or clf.adversarial_training is not None =>
_classifier: prior = self.class_prior_ * self._class_weight => prior = self.class_prior_
losses/_dmi: LEAST_ROWS = 512 => LEAST_ROWS = 1
losses/_dmi: RIGHT_AT_FIRST = 0.1 => RIGHT_AT_FIRST = 0.0
losses/_dmi: if self.training and share < 1 => if share < 1
losses/_dmi: self.running.lerp(batch, share) => self.running.lerp(batch, 1.0)
losses/_dmi: return self.running + (joint - batch) => return joint
losses/_base: sum(-1) / weight.sum(-1) => sum(-1) / weight.shape[-1]
losses/_forward: by_label = self.log_noise.mT => by_label = self.log_noise
losses/_forward: self.log_noise[member] => self.log_noise[0]
losses/_gce: .expm1() / self.q => .expm1()
losses/_gccs: (count / self.rows_per_class).clamp(max=1) => torch.ones_like(count)
losses/_gccs: (seen * value).sum(-1) / seen.sum(-1) => value.mean(-1)
losses/_gccs: mean.square().sum(-1) - mean.shape[-1] => mean.square().sum(-1)
losses/_gaussian_classes: POOLED_ROWS = 10.0 => POOLED_ROWS = 0.0
modules/_layers: kept.mul_(256 / (256 - self.n_dropped)) => kept
modules/_layers: reach.clamp_(0, 1).flatten => reach.clamp_(0).flatten
modules/_mlp: + [0.0] => + [None]
stop
_engine/_callbacks: share = 9 / (9 + self.n_steps_) => share = 1.0
_engine/_callbacks: for rows in X.outside] => for rows, _ in X.parts]
_engine/_callbacks: better = open_ & (criteria < self.lowest_) => better = criteria < self.lowest_
_engine/_callbacks: self.reference_ - self.tol) => self.reference_)
_engine/_callbacks: where(progress, criteria, self.reference_) => minimum(criteria, self.reference_)
_engine/_callbacks: torch.where(progress, 0, self.waited_ + 1) => self.waited_ + (~progress).long()
_engine/_callbacks: best[members] = value[members] => best.copy_(value)
_engine/_callbacks: None], self.scores_, before) => None], self.scores_, self.scores_)
_engine/_callbacks: self.patience).all()) => self.patience).any())
_engine/_callbacks: net.criterion_.loss.eval() => net.criterion_.loss
_engine/_callbacks: [loss.of_member(m) if => [loss.of_member(0) if
_engine/_callbacks: mean.copy_(value) => pass
score
_engine/_scoring: blocks = data.held_rows.split => module.train(); blocks = data.held_rows.split
_engine/_scoring: (member, maximize=True) => (member)
_engine/_scoring: joint.sum(axis=1, keepdims=True) => joint.sum(axis=2, keepdims=True)
_engine/_scoring: n_classes) * own.unsqueeze(-1) => n_classes)
_engine/_scoring: [(scores[own], rows[own]) => [(scores, rows)
_engine/_scoring: = functools.reduce(np.intersect1d, outside) => = np.arange(len(data.entry_row))
_engine/_ensemble: log_proba - np.log(self.class_weight) => log_proba
_engine/_ensemble: self.loss if member is None else => self.loss.of_member(0) if True else
_engine/_scoring: X[:1].expand(-len(X) % size, -1) => X[:1].expand(0, -1)
_pool/_companions: *rows.of_member(member), options) => *rows.of_all(), options)
_pool/_companions: self.encode(member, self.members.entry_row => self.encode(ALL, self.members.entry_row
_pool/_companions: self._take(member, self.members => self._take(0, self.members
_pool/_companions: self._take(ALL, => self._take(0,
_pool/_companions: encode(ALL, slice(None)) => encode(0, slice(None))
_pool/_companions: np.unique(np.concatenate(self.members.train_rows)) => np.arange(len(self.y))
_pool/_companions: self.y[rows], _part(self.weight, rows) => self.y[rows], None
_pool/_companions: SMOOTHING * self.class_prior) => SMOOTHING / len(self.class_prior))
_pool/_tree_arrays: threshold, np.nextafter(near, np.float32(-np.inf)), near) => threshold, near, near)
_pool/_tree_arrays: + start) > threshold.take(node) => + start) >= threshold.take(node)
_pool/_tree_arrays: vars(self).pop("_nodes", None) => pass
_pool/_tree_arrays: column if single else slice(None)] => slice(None)]
_pool/_boosting: raw = self.baseline_ + self._sums => raw = self._sums
losses/_pc_softmax: self.log_proba(scores) - self.log_prior => self.log_proba(scores)
losses/_pc_softmax: default_priors = "uniform" => default_priors = "empirical"
losses/_gccs: (log_density + self.log_prior) => log_density
losses/_gaussian_classes: (torch.stack(length, -1) + log_det) => torch.stack(length, -1)
pool
_pool/_log_linear: off = pool_weight - 1 / len(pool_weight) => off = pool_weight - 1
_pool/_log_linear: IGNORED_ROWS = 0.5 => IGNORED_ROWS = 0.0
_pool/_log_linear: POOL_WEIGHT_SPREAD = 0.5 => POOL_WEIGHT_SPREAD = 50.0
_pool/_log_linear: np.log1p(-self.ignorance_) + pooled => pooled
_pool/_log_linear: fit(log_proba[:, outside], y[outside], => fit(log_proba, y,
_pool/_log_linear: gain[:, outside].sum => gain[:, inside].sum
_pool/_log_linear: gain if weight is None else gain * weight => gain
_pool/_log_linear: outer_weight = None if weight is None else => outer_weight = None if True else
_pool/_log_linear: (log_proba - self.log_center_).swapaxes => log_proba.swapaxes
_pool/_log_linear: bounds=[(0, MAX => bounds=[(-MAX_POOL_WEIGHT, MAX
_pool/_log_linear: - np.log(values.shape[axis]) =>
_pool/_log_linear: else weight / weight.sum() => else np.full(len(y), 1 / len(y))
_pool/_log_linear: information = information + sum( => information = sum(
_pool/_log_linear: says |= not says.any() => pass
_pool/_log_linear: LEAST_POOL_WEIGHT = 0.1 => LEAST_POOL_WEIGHT = 0.0
_pool/_boosting: [_thinned(outside) for _, outside in parts] => [_thinned(inside) for inside, _ in parts]
_pool/_boosting: WORTHWHILE = 1.0 => WORTHWHILE = -1000.0
_pool/_boosting: weight = None if self.weight is None else self.weight[entries] => weight = None
_pool/_boosting: if n_steps is None or not hasattr => if not hasattr
_engine/_ensemble: rows, self.calibration.weights_[1:] > 0) => rows, self.calibration.weights_[:-1] > 0)
_engine/_ensemble: if self.companions.held_out is None: => if True:
_classifier: [*learnt, np.unique(np.concatenate(learnt))] => [*learnt, learnt[0]]
_classifier: ensemble.companions.held_out = None => pass
_pool/_label_noise: even + 1 / n_classes => even + 1e-9
_pool/_label_noise: self.noise_matrix_.T[y] => self.noise_matrix_[y]
_pool/_label_noise: log_proba)) @ self.noise_matrix_ => log_proba)) @ self.noise_matrix_.T
_pool/_label_noise: inside * ((proba / mixed) @ noise_matrix.T) => inside
_pool/_label_noise: OFFSET_SPREAD = 0.5 => OFFSET_SPREAD = 0.005
_pool/_label_noise: [LabelNoisePool(), LabelNoisePool(PRIOR_ROWS, noise_matrix)] => [LabelNoisePool()]
_engine/_ensemble: weight = None if weight is None else weight[row] => weight = None
_engine/_ensemble: log_mean_exp(of_members, axis=0) => of_members.mean(axis=0)
_engine/_ensemble: self._leave_open(answer, unknown) for answer in => answer for answer in
_engine/_rare_classes: + np.log1p(-share) =>
_engine/_rare_classes: unknown, np.log(class_prior), known => unknown, -np.log(class_prior.size), known
_engine/_rare_classes: np.array(counts) == 0 => np.array(counts) <= 1
_engine/_ensemble: (self.calibration.log_observed, X) => (self.calibration.log_posterior, X)
estimate
metrics/_estimate: * n_rows / (n_rows - 1) =>
metrics/_estimate: weight @ square * share / (1 - share) => 0 * share
metrics/_estimate: weights=weight * pointwise)[used] => weights=pointwise)[used]
metrics/_estimate: np.bincount(encoded_y, weights=weight, => np.bincount(encoded_y,
metrics/_variational: np.average(log_q - log_p, weights=weight) => np.average(log_q - log_p)
metrics/_variational: codes], eps)) => codes], 1e-300))
metrics/_determinant: weight[:, np.newaxis] * proba => proba
_classifier: np.round(pointwise, 12) => pointwise
_classifier: (labels, len(classes), weight) => (labels, len(classes))
_classifier: average_by_row(np.exp(log_posterior), => average_by_row(np.exp(log_observed),
_classifier: v is None else v[scored] for v in (weight, => v is None else v[scored] for v in (None,
_inputs/_checks: return weight * (len(weight) / weight.sum()) => return weight
_inputs/_checks: return -np.log(class_prior) if => return -np.log(class_prior) / 2 if
_posterior: "log_observed") - np.log => "log_posterior") - np.log
_posterior: return shift + np.log(self._class_weight) => return shift
_posterior: balanced_twice = usual == "uniform" and => balanced_twice = False and
model_selection/_cross_val: proba = proba * ratio / (proba @ ratio)[:, np.newaxis] => proba = proba
interval
metrics/_estimate: isf((1 - confidence_level) / 2, => isf(1 - confidence_level,
_pool/_noise_error: - self.less - self.disagreement => - self.less
_pool/_noise_error: replace(self, design_effect=max(ratio, 1.0)) => replace(self, design_effect=1.0)
_pool/_noise_error: self.shift / EVEN) => 0 * self.shift)
_inputs/_repeated_rows: trained[natural] = False => pass
_inputs/_repeated_rows: LEAST_SHARE = 0.05 => LEAST_SHARE = 0.6
metrics/_estimate: / 2, n_samples - 1) => / 2, 10**9)
_posterior: max(min(high, self.label_entropy_), self.mutual_info_score_) => high
_classifier: self._n_units = len(units) => self._n_units = len(labels)
model_selection/_cross_val: max(min(high, entropy), score) => high
model_selection/_cross_val: None if groups is None else groups[scored] => None
"""  # noqa: E501


def all_mutants():
    """Step, file, piece as it is and wrong piece of each."""
    step, mutants = None, []
    for line in MUTANTS.strip().splitlines():
        if " =>" not in line:
            step = line
            continue
        file, _, change = line.partition(": ")
        old, _, new = change.partition(" =>")
        mutants.append((step, file, old.strip(), new.strip()))
    return mutants
