package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/release/step"
)

type side struct {
	Ref  string `json:"ref"`
	SHA  string `json:"sha"`
	Repo *struct {
		FullName string `json:"full_name"`
	} `json:"repo"`
}

type pull struct {
	ID        int64      `json:"id"`
	Number    int        `json:"number"`
	Title     string     `json:"title"`
	State     string     `json:"state"`
	Draft     bool       `json:"draft"`
	MergedAt  *time.Time `json:"merged_at"`
	MergeSHA  string     `json:"merge_commit_sha"`
	Head      side       `json:"head"`
	Base      side       `json:"base"`
	User      user       `json:"user"`
	Commits   int        `json:"commits"`
	Milestone *milestone `json:"milestone"`
	Body      string     `json:"body"`
	URL       string     `json:"html_url"`
}

func (p pull) value() step.Pull {
	v := step.Pull{
		Number: p.Number, Title: p.Title, State: p.State, Draft: p.Draft, Merged: p.MergedAt != nil,
		Head: p.Head.Ref, HeadSHA: p.Head.SHA, Base: p.Base.Ref, BaseSHA: p.Base.SHA,
		Author: p.User.Login, AuthorID: p.User.ID, Commits: p.Commits, Body: p.Body, URL: p.URL,
	}
	if v.Merged { // before, merge_commit_sha is a test merge that nobody made
		v.MergeSHA = p.MergeSHA
	}
	if p.Head.Repo != nil {
		v.HeadRepo = p.Head.Repo.FullName
	}
	if p.Milestone != nil {
		v.Milestone = p.Milestone.Number
	}
	return v
}

// Pull reads a pull request.
func (gh *client) Pull(ctx context.Context, repo string, number int) (step.Pull, bool, error) {
	p, found, err := gh.pull(ctx, repo, number)
	if err != nil || !found {
		return step.Pull{}, false, err
	}
	return p.value(), true, nil
}

func (gh *client) pull(ctx context.Context, repo string, number int) (pull, bool, error) {
	return readMade[pull](ctx, gh, fmt.Sprintf("read pull request %d in %s", number, repo),
		in(repo, "pulls/%d", number), Made{Kind: madePull, Repo: repo, Number: number})
}

// pullCommitsLimit is how many commits GitHub lists of a pull request, whatever it has.
const pullCommitsLimit = 250

// PullCommits lists the commits of a pull request, oldest first. More than GitHub lists is an error: a list that
// silently lacks its end would lose picks.
func (gh *client) PullCommits(ctx context.Context, repo string, number int) ([]step.Commit, error) {
	what := fmt.Sprintf("list the commits of pull request %d in %s", number, repo)
	found, err := list[repoCommit](ctx, gh, what, in(repo, "pulls/%d/commits?per_page=100", number))
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if len(found) >= pullCommitsLimit {
		p, _, err := gh.Pull(ctx, repo, number)
		if err != nil {
			return nil, err
		}
		if p.Commits > len(found) {
			return nil, fmt.Errorf("%s: it has %d, and GitHub lists only %d", what, p.Commits, len(found))
		}
	}
	var commits []step.Commit
	for _, c := range found {
		commits = append(commits, c.value())
	}
	return commits, nil
}

// PullsFrom lists pull requests from a branch to a branch, newest first. head without an owner is a branch of repo
// itself. GitHub's list does not count commits: Commits is 0.
func (gh *client) PullsFrom(ctx context.Context, repo, head, base string) ([]step.Pull, error) {
	if !strings.Contains(head, ":") {
		owner, _, _ := strings.Cut(repo, "/")
		head = owner + ":" + head
	}
	query := url.Values{"state": {"all"}, "head": {head}, "sort": {"created"}, "direction": {"desc"},
		"per_page": {"100"}}
	if base != "" {
		query.Set("base", base)
	}
	what := fmt.Sprintf("list pull requests from %s to %s in %s", head, base, repo)
	found, err := list[pull](ctx, gh, what, in(repo, "pulls?%s", query.Encode()))
	if err != nil {
		return nil, err
	}
	_, branch, _ := strings.Cut(head, ":")
	found, err = recall(ctx, gh, found, listing[pull]{
		kind: madePull, repo: repo,
		suits:   func(w written) bool { return strings.EqualFold(w.Name, head) },
		made:    func(p pull) Made { return Made{Number: p.Number} },
		read:    func(ctx context.Context, m Made) (pull, bool, error) { return gh.pull(ctx, repo, m.Number) },
		belongs: func(p pull) bool { return p.Head.Ref == branch && (base == "" || p.Base.Ref == base) },
		before:  func(a, b pull) bool { return a.Number > b.Number },
	})
	if err != nil {
		return nil, err
	}
	var pulls []step.Pull
	for _, p := range found {
		pulls = append(pulls, p.value())
	}
	return pulls, nil
}

// OpenPull opens a pull request with Title, Body, Head, Base and Draft of p. Its milestone is a second call, which
// is the caller's.
func (gh *client) OpenPull(ctx context.Context, repo string, p step.Pull) (step.Pull, error) {
	head := p.Head
	owner, _, _ := strings.Cut(repo, "/")
	if fork, _, ok := strings.Cut(p.HeadRepo, "/"); ok && p.HeadRepo != repo {
		owner, head = fork, fork+":"+head
	}
	body := map[string]any{
		"title": p.Title, "head": head, "base": p.Base, "body": cut(p.Body, bodyLimit), "draft": p.Draft,
	}
	var made pull
	what := fmt.Sprintf("open a pull request from %s to %s in %s", head, p.Base, repo)
	if err := gh.call(ctx, what, http.MethodPost, in(repo, "pulls"), body, &made); err != nil {
		return step.Pull{}, err
	}
	m := Made{Kind: madePull, Repo: repo, ID: made.ID, Number: made.Number, Name: owner + ":" + p.Head,
		SHA: made.Head.SHA, URL: made.URL}
	return made.value(), noted(ctx, gh, what, m, made)
}
