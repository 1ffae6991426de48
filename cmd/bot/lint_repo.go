package main

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/internal/inspect"
	"github.com/slipway-dev/slipway/release/process"
	"github.com/slipway-dev/slipway/release/step"
)

// against lints the file and holds it against a repository: the one that it has on its default branch, where none is
// named. It only reads.
func (c lintCommand) against(s *streams) error {
	gh, subject, err := c.access(s)
	if err != nil {
		return err
	}
	if subject.Default, err = gh.DefaultBranch(s.ctx, c.Repo); errors.Is(err, step.ErrGone) {
		return fault{fmt.Sprintf("%s cannot be read: there is no such repository, or the token may not see it.", c.Repo)}
	} else if err != nil {
		return err
	}
	if c.File != "" {
		subject.File, err = read(s, c.File)
	} else {
		c.File = ".github/release.yaml"
		var found bool
		if subject.File, found, err = gh.File(s.ctx, c.Repo, c.File, subject.Default); err == nil && !found {
			return fault{fmt.Sprintf("%s has no %s on %s.", c.Repo, c.File, subject.Default)}
		}
	}
	if err != nil {
		return err
	}
	if err := c.lint(s, subject.File); err != nil {
		return err
	}
	subject.Process, err = process.Load(subject.File)
	if errors.Is(err, process.ErrNoProcess) || c.policy(subject.File) {
		return nil // there is nothing more to look at
	}
	if err != nil {
		return err
	}
	found := inspect.Look(s.ctx, gh, subject)
	if len(found) == 0 {
		fmt.Fprintf(s.out, "%s has all that it names.\n", c.Repo)
		return nil
	}
	lines := make([]string, len(found))
	for i, f := range found {
		lines[i] = c.File + ": " + f.String()
	}
	return fault{strings.Join(lines, "\n")}
}

// access is GitHub as a token sees it, or else as the App does, whose permissions and channels are known then as well.
func (c lintCommand) access(s *streams) (step.GitHub, inspect.Subject, error) {
	subject := inspect.Subject{Repo: c.Repo}
	api := "https://api.github.com/"
	for _, name := range []string{"GITHUB_API_URL", "SLIPWAY_GITHUB_API"} {
		if value, ok := s.environment(name); ok && value != "" {
			api = value
		}
	}
	_, app := s.environment("SLIPWAY_GITHUB_APP_ID")
	for _, name := range []string{"SLIPWAY_TOKEN", "GITHUB_TOKEN"} {
		if token, ok := s.environment(name); ok && token != "" && c.Config == "" && !app {
			gh, err := github.Bearer(github.Config{V3URL: api}, token)
			return gh, subject, err
		}
	}
	cfg, private, err := configuration(s, c.Config)
	if err != nil {
		return nil, subject, err
	}
	bot, err := github.New(github.Config{AppID: cfg.GitHub.AppID, PrivateKey: private, V3URL: cfg.GitHub.API,
		Clock: time.Now, Log: logger(s, cfg)})
	if err != nil {
		return nil, subject, err
	}
	installation, err := bot.FindInstallation(s.ctx, c.Repo)
	if errors.Is(err, step.ErrGone) {
		return nil, subject, fault{fmt.Sprintf("Slipway is not installed in %s, or there is no such repository.", c.Repo)}
	}
	if err != nil {
		return nil, subject, err
	}
	if subject.Granted, err = bot.Granted(s.ctx, installation); err != nil {
		return nil, subject, err
	}
	subject.Channels = []string{}
	for _, ch := range cfg.Channels {
		for _, pattern := range ch.Repos {
			if hit, err := path.Match(pattern, c.Repo); err == nil && hit {
				subject.Channels = append(subject.Channels, ch.Name)
			}
		}
	}
	gh, err := reader(s.ctx, bot, installation, c.Repo, subject.Granted)
	return gh, subject, err
}

// reader is GitHub with a token for one repository that can read, and nothing else.
func reader(ctx context.Context, bot *github.App, installation int64, repo string,
	granted map[string]string) (step.GitHub, error) {
	found, known, err := bot.RepositoryNamed(ctx, installation, repo)
	if err != nil || !known {
		return nil, errors.Join(err, fault{repo + " cannot be seen by the App."})
	}
	reads := map[string]string{}
	for _, name := range []string{"contents", "members", "checks", "statuses", "actions"} {
		if granted[name] != "" {
			reads[name] = "read"
		}
	}
	return bot.Client(github.Scope{Installation: installation, Repos: []int64{found.ID}, Permissions: reads}), nil
}
