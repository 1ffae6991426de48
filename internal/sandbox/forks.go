package sandbox

import (
	"context"
	"fmt"
	"strings"
)

// ForkPull opens a pull request from a fork of the person's own, with one commit: everybody who sees a repository can.
func (u *User) ForkPull(ctx context.Context, repo, title, base string, files map[string]string) (number int,
	err error) {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	c, err := u.call(ctx, repo)
	if err != nil {
		return 0, fmt.Errorf("fork %s as %s: %w", repo, u.login, err)
	}
	at, err := c.repo.Git.Resolve(ctx, "refs/heads/"+base)
	if err != nil {
		return 0, err
	}
	fork := *c.repo
	fork.ID, fork.Owner, fork.Issues, fork.Private, fork.Fork = u.s.nextID(), c.who.user, nil, false, true
	is := &issue{
		ID: u.s.nextID(), Number: c.repo.nextIssue(), Title: title, State: "open", User: c.who.user,
		Created: u.s.now(), Updated: u.s.now(),
		Pull: &pull{Head: "patch-1", Base: base, BaseSHA: at, HeadSHA: at, Fork: &fork},
	}
	if err := u.commitToPull(c, is, files); err != nil {
		return 0, err
	}
	c.repo.Issues = append(c.repo.Issues, is)
	u.s.emit(c.repo, "pull_request", "opened", c.who.user,
		map[string]any{"number": is.Number, "pull_request": u.s.renderWholePull(c, is)})
	return is.Number, nil
}

// PushFork pushes one more commit to the pull request of a fork.
func (u *User) PushFork(ctx context.Context, repo string, number int, files map[string]string) error {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	c, err := u.call(ctx, repo)
	if err != nil {
		return fmt.Errorf("push to a fork of %s as %s: %w", repo, u.login, err)
	}
	is := c.repo.issue(number)
	if is == nil || is.Pull == nil || is.Pull.Fork == nil || is.Pull.Fork.Owner != c.who.user {
		return fmt.Errorf("push to the fork of #%d of %s as %s: %w", number, repo, u.login, notFound())
	}
	before := is.Pull.HeadSHA
	if err := u.commitToPull(c, is, files); err != nil {
		return err
	}
	u.s.emit(c.repo, "pull_request", "synchronize", c.who.user, map[string]any{"number": is.Number, "before": before,
		"after": is.Pull.HeadSHA, "pull_request": u.s.renderPull(c, is)})
	return nil
}

// call is what the person does to a repository that they see.
func (u *User) call(ctx context.Context, repo string) (*call, error) {
	r := u.s.repos[strings.ToLower(repo)]
	user := u.s.users[strings.ToLower(u.login)]
	c := &call{ctx: ctx, s: u.s, repo: r, who: actor{user: user}}
	if r == nil || user == nil || !c.sees(r) {
		return nil, notFound()
	}
	return c, nil
}

func (u *User) commitToPull(c *call, is *issue, files map[string]string) error {
	sha, err := u.s.commitFiles(c.ctx, c.repo, is.Pull.HeadSHA, is.Title, u.login, files, u.s.now())
	if err != nil {
		return err
	}
	name := fmt.Sprintf("refs/pull/%d/head", is.Number)
	before := is.Pull.HeadSHA
	if _, err := c.repo.Git.Ref(c.ctx, name); err != nil {
		before = ""
	}
	is.Pull.HeadSHA, is.Updated = sha, u.s.now()
	return c.repo.Git.SetRef(c.ctx, name, sha, before)
}
