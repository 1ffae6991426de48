package patches

import (
	"context"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/elsewhere"
	"github.com/slipway-dev/slipway/release"
	rules "github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/release/step"
)

// policyState says whether a repository keeps patch-release issues.
type policyState struct {
	found bool
	// problem is what is wrong with the file, empty when nothing is. where names the file in words.
	problem, where string
}

func (s policyState) usable() bool { return s.found && s.problem == "" }

// readPolicy reads how a repository keeps its patch-release issues.
func readPolicy(ctx context.Context, gh step.FileStore, repo string) (rules.Policy, policyState, error) {
	file, err := conversation.Configuration(ctx, gh, repo, rules.File)
	if err != nil || !file.Found {
		return rules.Policy{}, policyState{}, err
	}
	state := policyState{found: true, where: file.Where}
	policy, err := rules.Load(file.Content)
	if err != nil {
		state.problem = err.Error()
	}
	return policy, state, nil
}

// fileLife is how long a policy file that was read is believed without asking. A push to its repository ends that at
// once.
const fileLife = time.Minute

// policyFile is a policy file as it was read.
type policyFile struct {
	content []byte
	found   bool
	at      time.Time
}

// policy is how a repository keeps its patch-release issues.
func (p *Patches) policy(ctx context.Context, gh step.FileStore, at conversation.Place) (rules.Policy, policyState,
	error) {
	shared := elsewhere.Shared{FileStore: gh, Apps: p.Apps, Installation: at.Installation, Repo: at.Name}
	return readPolicy(ctx, files{shared, p}, at.Name)
}

// Needs are the permissions by which patch-release issues are kept.
func Needs() []step.Permission {
	return append(looks(),
		step.Permission{Name: "checks: write", Why: "\"applies to 1.30?\" is a check run"},
		step.Permission{Name: "contents: write", Why: "commits and branches of cherry-picks"},
		step.Permission{Name: "issues: write", Why: "labels, comments, milestones"},
		step.Permission{Name: "members: read", Why: "the policy may name teams"},
		step.Permission{Name: "pull_requests: write", Why: "cherry-picks are pull requests"},
		step.Permission{Name: "statuses: read", Why: "the check of other bots may be a status"})
}

// looks are those by which their state is read.
func looks() []step.Permission {
	return []step.Permission{
		{Name: "contents: read", Why: "the policy, tags and files are read"},
		{Name: "issues: read", Why: "the issues are listed"},
	}
}

// files reads policy files, and keeps them for a while.
type files struct {
	step.FileStore
	*Patches
}

// File is the file of a repository.
func (f files) File(ctx context.Context, repo, path, ref string) ([]byte, bool, error) {
	now := f.Clock()
	if known, ok := f.policies.Load(repo); ok {
		if c := known.(policyFile); now.Sub(c.at) < fileLife {
			return c.content, c.found, nil
		}
	}
	content, found, err := f.FileStore.File(ctx, repo, path, ref)
	if err == nil {
		f.policies.Store(repo, policyFile{content, found, now})
	}
	return content, found, err
}

// Pushed forgets the policy file of a repository: a push may have changed it.
func (p *Patches) Pushed(repo string) { p.policies.Delete(repo) }

// feature is on where a repository has a policy, a usable one or not.
type feature struct{ *Patches }

// On looks for the file.
func (f feature) On(ctx context.Context, t *conversation.Request) (bool, error) {
	_, state, err := f.policy(ctx, t.GitHub(), t.Place())
	return state.found, err
}

// among says that a person is one of those. Not knowing is an error.
func (l *pass) among(ctx context.Context, those rules.Trusted, who step.User) (bool, error) {
	owner, _, _ := strings.Cut(l.place.Name, "/")
	teams := make([]string, len(those.Teams))
	for i, team := range those.Teams {
		if teams[i] = team; !strings.Contains(team, "/") {
			teams[i] = owner + "/" + team
		}
	}
	roles := &conversation.Roles{GitHub: l.gh, Repo: l.place.Name}
	member, err := roles.Among(ctx, release.Person(who), those.Permission, teams)
	if member == release.Yes {
		return true, nil
	}
	return false, err
}
