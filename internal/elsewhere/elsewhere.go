// Package elsewhere is how a process of one repository uses others: what is public it reads, and everything else needs
// the consent of that other repository, which stands in `lets` of the .github/release.yaml on its default branch, or of
// the one in its owner's .github repository. Consent is looked up each time, and once more right before each write.
// Start reading at Bounds.
package elsewhere

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/consent"
	"github.com/slipway-dev/slipway/release/process"
	"github.com/slipway-dev/slipway/release/step"
)

// Apps is the App as it reaches repositories.
type Apps interface {
	Client(s github.Scope) step.GitHub
	// FindInstallation is the installation that covers a repository, step.ErrGone where the App is not installed.
	FindInstallation(ctx context.Context, repo string) (int64, error)
	// RepositoryNamed is a repository as an installation sees it, by its name of today.
	RepositoryNamed(ctx context.Context, installation int64, repo string) (github.Repository, bool, error)
}

// Bounds are those of a process.
type Bounds struct {
	Apps Apps
	// Slug is that of the App, for refusals.
	Slug string
	// Installation, Repo and Name are those of the repository that is released: GitHub's id of it, and OWNER/NAME.
	Installation int64
	Repo         int64
	Name         string
	// Process is the name of the process.
	Process string
}

// Closed are the uses that are not allowed, one for each repository.
func (b Bounds) Closed(ctx context.Context, uses []consent.Use) ([]release.Closed, error) {
	var out []release.Closed
	for _, u := range merged(uses) {
		_, closed, err := b.open(ctx, u)
		if err != nil {
			return nil, err
		}
		if closed != nil {
			out = append(out, *closed)
		}
	}
	return out, nil
}

// merged are the uses, one for each name of a repository, in the order of names.
func merged(uses []consent.Use) []consent.Use {
	byName := map[string]consent.Use{}
	for _, u := range uses {
		if name := strings.ToLower(u.Repo); name != "" {
			known, seen := byName[name]
			if !seen {
				known.Repo = u.Repo
			}
			byName[name] = known.With(u)
		}
	}
	out := make([]consent.Use, 0, len(byName))
	for _, u := range byName {
		out = append(out, u)
	}
	slices.SortFunc(out, func(a, b consent.Use) int { return strings.Compare(a.Repo, b.Repo) })
	return out
}

// door is a repository that may be used.
type door struct {
	name string // OWNER/NAME of today
	// scope is that of what it allows; the zero value is for what the process sees by itself: its own repository, and
	// what is public.
	scope github.Scope
}

// reading and proposing are the permissions that a use of another repository needs.
func reading() map[string]string { return map[string]string{"contents": "read"} }

func proposing() map[string]string {
	return map[string]string{"contents": "write", "pull_requests": "write"}
}

// open finds a repository and whether it allows the use. Names are of no account: the repository that is released is
// known by its id, under whatever name a process or a consent has it.
func (b Bounds) open(ctx context.Context, u consent.Use) (door, *release.Closed, error) {
	own := door{name: b.Name}
	if u.Repo == "" || strings.EqualFold(u.Repo, b.Name) {
		return own, nil, nil
	}
	closed := &release.Closed{Use: u, Repo: b.Name, Process: b.Process, App: b.Slug}
	if !consent.Repository(u.Repo) {
		return door{}, closed, nil
	}
	seen, found, err := b.Apps.RepositoryNamed(ctx, b.Installation, u.Repo)
	switch {
	case err != nil:
		return door{}, nil, err
	case found && seen.ID == b.Repo:
		return own, nil, nil
	case u.Writes() && !consent.OwnBranch(u.Branch):
		return door{}, closed, nil
	}
	if closed.Public = found && seen.Public; closed.Public && !u.Writes() {
		return door{name: seen.Name}, nil, nil
	}
	installation, err := b.Apps.FindInstallation(ctx, u.Repo)
	if errors.Is(err, step.ErrGone) {
		closed.Away = true
		return door{}, closed, nil
	}
	if err != nil {
		return door{}, nil, err
	}
	there, found, err := b.Apps.RepositoryNamed(ctx, installation, u.Repo)
	if err != nil || !found {
		return door{}, closed, err
	}
	given, broken, err := b.given(ctx, installation, there)
	if err != nil {
		return door{}, nil, err
	}
	lacking := u.Lacking(given)
	if closed.Public {
		lacking.Read, lacking.Releases, lacking.Awaits = nil, false, nil
	}
	if lacking.None() {
		scope := github.Scope{Installation: installation, Repos: []int64{there.ID}, Permissions: reading()}
		switch {
		case u.Writes():
			scope.Permissions = proposing()
		case len(u.Awaits) > 0:
			scope.Permissions["pull_requests"] = "read"
		}
		return door{there.Name, scope}, nil, nil
	}
	closed.Use, closed.Broken = lacking, broken
	return door{}, closed, nil
}

// file is where a repository says what others may do.
const file = ".github/release.yaml"

// given are the consents of a repository, and of its owner, to this process. broken says that a file has mistakes: it
// allows nothing then.
func (b Bounds) given(ctx context.Context, installation int64, repo github.Repository) (given []consent.Grant,
	broken bool, err error) {
	gh := b.Apps.Client(github.Scope{Installation: installation, Repos: []int64{repo.ID}, Permissions: reading()})
	shared := Shared{FileStore: gh, Apps: b.Apps, Installation: installation, Repo: repo.Name}
	owner, _, _ := strings.Cut(repo.Name, "/")
	for _, place := range slices.Compact([]string{repo.Name, owner + "/.github"}) {
		content, found, err := shared.File(ctx, place, file, "")
		if err != nil && !errors.Is(err, step.ErrGone) {
			return nil, false, fmt.Errorf("read what %s allows: %w", place, err)
		}
		if !found {
			continue
		}
		grants, err := process.Grants(content)
		if err != nil {
			broken = true // what a person wrote there is told, and not what it is
			continue
		}
		for _, g := range grants {
			if g.Process != "" && g.Process != b.Process {
				continue
			}
			ours, err := b.names(ctx, g.Repo)
			if err != nil {
				return nil, false, err
			}
			if ours {
				given = append(given, g)
			}
		}
	}
	return given, broken, nil
}

// names says that a consent is for the repository that is released: its name of today, or one that leads to it.
func (b Bounds) names(ctx context.Context, repo string) (bool, error) {
	r, found, err := b.Apps.RepositoryNamed(ctx, b.Installation, repo)
	return found && r.ID == b.Repo, err
}

// Refused is the error of a call into a repository that does not allow it.
type Refused struct{ Closed release.Closed }

func (e *Refused) Error() string { return e.Closed.Refusal().Why }
