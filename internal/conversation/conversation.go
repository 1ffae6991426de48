// Package conversation is what people say to Slipway on issues, and what Slipway says back: the one table of commands,
// who may give them, refusals, replies, reactions, the status in the description, and ticked boxes.
//
// A comment with commands becomes mail of its issue (Hear). The mail of an issue is worked in order by one job (Work):
// heard with 👀 and on record before anything is looked up, decided, carried out, answered. What the commands mean is
// not known here: releases (internal/engine) and patch-release issues (internal/patches) bring the rows of the table.
// Start reading at Work.
package conversation

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/store"
	"github.com/slipway-dev/slipway/release/step"
)

// Conversation does it. All its fields are set by main and never change.
type Conversation struct {
	Store  *store.Store
	GitHub func(github.Scope) step.GitHub
	Clock  func() time.Time
	Log    zerolog.Logger
	// AppSlug is the App's name: its user is SLUG[bot]. Only comments of that user are ours.
	AppSlug string
	// Table are the commands that people can give.
	Table Table
	// Releases carries releases forward.
	Releases Releases
	// Copies signs the copies of logs that `bot recover` reads; nil keeps none.
	Copies *Copies
	// Reach finds the installation and the name of a repository anew, when the known ones do not answer.
	Reach func(ctx context.Context, repo store.Repository) (store.Repository, error)

	round atomic.Int64 // of the poll
	// appointers is when those who assigned a release manager were last seen to be allowed to, by log and user id.
	appointers sync.Map
	looked     sync.Map // the round in which a log's description was last compared, by log
}

// Poll lets the next job of each issue compare the description with what it should be: for edits that no event told of.
func (c *Conversation) Poll() { c.round.Add(1) }

// stale says that the description was not compared since the last poll.
func (c *Conversation) stale(log string) bool {
	now := c.round.Load()
	before, _ := c.looked.Swap(log, now)
	seen, _ := before.(int64)
	return seen != now
}

// Releases carries the release of an issue forward.
type Releases interface {
	// Step does the one thing that is due, and says whether there may be more. Nothing is due where nothing is.
	Step(ctx context.Context, l *Log) (moved bool, err error)
}

// Place is an issue or pull request of a repository.
type Place struct {
	Repo         int64  // GitHub's id of the repository
	Name         string // OWNER/NAME, as it is called now
	Installation int64
	Issue        int
}

// Scope is what a client for the place may do: it reaches no other repository.
func (p Place) Scope(permissions map[string]string) github.Scope {
	return github.Scope{Installation: p.Installation, Repos: []int64{p.Repo}, Permissions: permissions}
}

// Needs are the permissions by which Slipway hears and answers: what each command takes, whatever it begins.
func Needs() []step.Permission {
	return []step.Permission{
		{Name: "contents: read", Why: "the configuration, branches and tags are read"},
		{Name: "issues: write", Why: "replies, reactions, and the status in the description"},
		{Name: "members: read", Why: "roles may name teams"},
		{Name: "pull_requests: read", Why: "commands name pull requests"},
	}
}

// client is what hears and answers at a place.
func (c *Conversation) client(p Place) step.GitHub { return c.GitHub(p.Scope(step.Levels(Needs()))) }

// Key names the jobs and logs of the place. No rename changes it.
func (p Place) Key() string { return store.LogName(p.Repo, p.Issue) }

// ParseKey is the inverse of Key.
func ParseKey(key string) (repo int64, issue int, err error) {
	id, number, _ := strings.Cut(key, "#")
	repo, err = strconv.ParseInt(id, 10, 64)
	if err == nil {
		issue, err = strconv.Atoi(number)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("read the key %q: not REPOSITORY-ID#ISSUE", key)
	}
	return repo, issue, nil
}

// Ours says that a comment was written by this App, and not by somebody who copied one of its marks.
func (c *Conversation) Ours(author string) bool { return strings.EqualFold(author, c.AppSlug+"[bot]") }

// place is where a key stands for. ok is false where Slipway may not write now, or knows nothing of the repository.
func (c *Conversation) place(ctx context.Context, key string) (p Place, ok bool, err error) {
	id, issue, err := ParseKey(key)
	if err != nil {
		return p, false, err
	}
	repo, known, err := c.Store.Repository(ctx, id)
	if err != nil || !known || repo.Away != "" {
		return p, false, err
	}
	return Place{Repo: id, Name: repo.Name, Installation: repo.Installation, Issue: issue}, true, nil
}
