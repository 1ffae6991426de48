package step

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/slipway-dev/slipway/release/params"
)

// createBranch makes the release branch at the commit that was pinned when the phase was entered. A branch that
// already contains that commit is done: somebody made it by hand, or an earlier release did.
type createBranch struct {
	gh interface {
		RefReader
		RefWriter
		CommitStore
	}
	params.CreateBranch
}

func (k createBranch) Plan(ctx context.Context, in Input) ([]Write, error) {
	o, err := k.Observe(ctx, in)
	return certainly(o, err, func() []Write {
		return writes(in.Repo, fmt.Sprintf("create branch %s at %s", k.Branch, commit(k.SHA)))
	})
}

func (k createBranch) Observe(ctx context.Context, in Input) (Outcome, error) {
	branch, sha := k.Branch, k.SHA
	head, found, err := k.gh.Branch(ctx, in.Repo, branch)
	if err != nil {
		return Outcome{}, err
	}
	if !found {
		return Missing(), nil
	}
	done := DoneWith(Receipt{Text: fmt.Sprintf("branch %s at %s", branch, short(head)), SHA: head, URL: ""})
	if head == sha {
		return done, nil
	}
	compared, err := k.gh.Compare(ctx, in.Repo, sha, head)
	if err != nil {
		return Outcome{}, err
	}
	if compared.Behind > 0 {
		return Conflicts(
			fmt.Sprintf("the branch %s is at %s, which does not contain %s", branch, short(head), short(sha)),
			"rename or delete that branch on GitHub, then "+retry(in)+". If it is the right one, "+skip(in),
		), nil
	}
	return done, nil
}

func (k createBranch) Act(ctx context.Context, in Input) error {
	return k.gh.CreateBranch(ctx, in.Repo, k.Branch, k.SHA)
}

// rulesetStep makes one ruleset of our own, found by its name. Rulesets and branch protection of others are never
// written: the protection endpoint replaces everything that stands there.
type rulesetStep struct {
	gh   RulesetStore
	want func(in Input) Ruleset
	say  func() string // "protect branch x"
	done func() string
	// admins says that an admin locks the branch by hand.
	admins bool
	branch string
}

func protectBranch(gh RulesetStore, p params.ProtectBranch) rulesetStep {
	return rulesetStep{
		gh: gh,
		want: func(in Input) Ruleset {
			r := Ruleset{
				Name: "Slipway protects " + p.Branch, Include: []string{"refs/heads/" + p.Branch},
				Rules: []string{"deletion", "non_fast_forward"}, BypassApps: []int64{in.AppID},
			}
			return r
		},
		say: func() string {
			return fmt.Sprintf("protect branch %s with a ruleset: no deletion, no force pushes", p.Branch)
		},
		done: func() string { return "branch " + p.Branch + " protected" },
	}
}

// lockName names the lock by its branch and tracking issue, so that the locks of two releases do not disturb each
// other, and everybody sees whose it is.
func lockName(branch string, issue int) string {
	return fmt.Sprintf("Slipway freeze of %s (#%d)", branch, issue)
}

// FreezeCheck is the name of the check run that a pull request needs while the branch is frozen. Only Slipway can
// give it: the ruleset binds it to the App.
const FreezeCheck = "slipway/freeze"

func lockBranch(gh RulesetStore, p params.LockBranch) rulesetStep {
	return rulesetStep{
		gh: gh, admins: p.By == "admin", branch: p.Branch,
		want: func(in Input) Ruleset {
			r := Ruleset{Name: lockName(p.Branch, in.Issue), Include: []string{"refs/heads/" + p.Branch},
				BypassApps: []int64{in.AppID}}
			if p.Allow == "exceptions" {
				r.Rules, r.RequiredCheck = []string{"required_status_checks"}, FreezeCheck
			} else {
				r.Rules = []string{"update"}
			}
			return r
		},
		say: func() string {
			if p.Allow == "exceptions" {
				return fmt.Sprintf("freeze branch %s with a ruleset: pull requests need the check %s, which only an "+
					"exception passes", p.Branch, FreezeCheck)
			}
			return fmt.Sprintf("lock branch %s with a ruleset: only Slipway can update it", p.Branch)
		},
		done: func() string {
			text := "branch " + p.Branch + " locked"
			if p.Allow == "exceptions" {
				text = "branch " + p.Branch + " frozen"
			}
			if p.Reason != "" {
				text += " for the " + p.Reason
			}
			if p.Hours > 0 {
				text += ", for at most " + strconv.Itoa(p.Hours) + " hours"
			}
			return text
		},
	}
}

// adminsLock looks at a lock that an admin puts on and takes off by hand, because the App has not the permission to: a
// rule of a ruleset that keeps everybody from updating the branch. The lock of a classic branch protection cannot be
// seen without that permission, so what a person says about it counts.
func adminsLock(ctx context.Context, gh RulesetStore, in Input, branch string, want bool) (Outcome, error) {
	rules, err := gh.BranchRules(ctx, in.Repo, branch)
	if err != nil {
		return Outcome{}, err
	}
	locked := slices.Contains(rules, "update")
	if locked == want {
		return DoneWith(Receipt{Text: map[bool]string{true: "branch " + branch + " locked by hand",
			false: "branch " + branch + " not locked by a ruleset"}[want]}), nil
	}
	what, how := "an admin to lock branch "+branch, "lock it with a ruleset (Restrict updates) or with branch "+
		"protection"
	if !want {
		what, how = "an admin to unlock branch "+branch, "remove the lock"
	}
	o := WaitFor(what, "an admin of "+in.Repo, how+". Slipway detects a ruleset; otherwise, "+done(in), time.Time{})
	o.ByHand = true
	return o, nil
}

func (k rulesetStep) Plan(ctx context.Context, in Input) ([]Write, error) {
	if k.admins {
		return nil, nil
	}
	o, err := k.Observe(ctx, in)
	return unless(o, err, func() []Write { return writes(in.Repo, k.say()) })
}

func (k rulesetStep) Observe(ctx context.Context, in Input) (Outcome, error) {
	if k.admins {
		return adminsLock(ctx, k.gh, in, k.branch, true)
	}
	want := k.want(in)
	all, err := k.gh.Rulesets(ctx, in.Repo, want.Name)
	if err != nil {
		return Outcome{}, err
	}
	i := slices.IndexFunc(all, func(r Ruleset) bool { return r.Name == want.Name })
	if i < 0 {
		return Missing(), nil
	}
	have := all[i]
	if lack := lacks(have, want); lack != "" {
		return Conflicts(
			"the ruleset \""+want.Name+"\" exists, but lacks "+lack,
			"delete that ruleset on GitHub, then "+retry(in),
		), nil
	}
	return DoneWith(Receipt{Text: k.done(), ID: have.ID, URL: have.URL}), nil
}

// lacks says what of the wanted ruleset the one of that name has not: people can change it under our name, and one
// that guards another branch, or keeps Slipway itself out, is not the effect.
func lacks(have, want Ruleset) string {
	for _, ref := range want.Include {
		if !slices.Contains(have.Include, ref) {
			return "the ref " + ref
		}
	}
	for _, rule := range want.Rules {
		if !slices.Contains(have.Rules, rule) {
			return "the rule " + rule
		}
	}
	if want.RequiredCheck != have.RequiredCheck && want.RequiredCheck != "" {
		return "the required check " + want.RequiredCheck
	}
	for _, app := range want.BypassApps {
		if !slices.Contains(have.BypassApps, app) {
			return "Slipway in its bypass list"
		}
	}
	return ""
}

func (k rulesetStep) Act(ctx context.Context, in Input) error {
	_, err := k.gh.CreateRuleset(ctx, in.Repo, k.want(in))
	return err
}

// unlockBranch deletes the lock that this release made, and no other. It is part of every way out: thaw and abort.
type unlockBranch struct {
	gh RulesetStore
	params.UnlockBranch
}

func (k unlockBranch) lock(ctx context.Context, in Input) (Ruleset, bool, error) {
	all, err := k.gh.Rulesets(ctx, in.Repo, lockName(k.Branch, in.Issue))
	if err != nil {
		return Ruleset{}, false, err
	}
	i := slices.IndexFunc(all, func(r Ruleset) bool { return r.Name == lockName(k.Branch, in.Issue) })
	if i < 0 {
		return Ruleset{}, false, nil
	}
	return all[i], true, nil
}

func (k unlockBranch) Plan(ctx context.Context, in Input) ([]Write, error) {
	if k.By == "admin" {
		return nil, nil
	}
	o, err := k.Observe(ctx, in)
	return unless(o, err, func() []Write {
		return writes(in.Repo, fmt.Sprintf("unlock branch %s: delete the ruleset \"%s\"", k.Branch,
			lockName(k.Branch, in.Issue)))
	})
}

func (k unlockBranch) Observe(ctx context.Context, in Input) (Outcome, error) {
	if k.By == "admin" {
		return adminsLock(ctx, k.gh, in, k.Branch, false)
	}
	_, found, err := k.lock(ctx, in)
	if err != nil || found {
		return Missing(), err
	}
	return DoneWith(Receipt{Text: "branch " + k.Branch + " unlocked"}), nil
}

func (k unlockBranch) Act(ctx context.Context, in Input) error {
	lock, found, err := k.lock(ctx, in)
	if err != nil || !found {
		return err
	}
	return k.gh.DeleteRuleset(ctx, in.Repo, lock.ID)
}
