package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/internal/app"
	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/github"
)

type recoverCommand struct {
	Issue  string `arg:"" help:"One issue, or every open issue with a release." name:"owner/repo[#n]"`
	Config string `help:"The configuration file. Default: the environment." env:"SLIPWAY_CONFIG" type:"path"`
}

func (c recoverCommand) Run(s *streams) error {
	repo, issue, err := c.target()
	if err != nil {
		return err
	}
	cfg, private, err := configuration(s, c.Config)
	if err != nil {
		return err
	}
	if len(cfg.Recovery.Keys) == 0 {
		return fault{"No recovery key is configured, so no copy can be verified. Set recovery.keys or " +
			"SLIPWAY_RECOVERY_KEYS to " +
			"the keys that the lost server had."}
	}
	bot, err := app.New(s.ctx, app.Options{
		AppID: cfg.GitHub.AppID, PrivateKey: private, WebhookSecrets: cfg.GitHub.WebhookSecrets, V3URL: cfg.GitHub.API,
		Database: cfg.Database, Pace: github.Pace{PerMinute: cfg.Pace.PerMinute, PerHour: cfg.Pace.PerHour},
		Clock: time.Now, Log: logger(s, cfg), Copies: conversation.NewCopies(cfg.Recovery.Keys),
	})
	if err != nil {
		return err
	}
	err = recoverIssues(s, bot, repo, issue)
	return errors.Join(err, bot.Close())
}

// target reads OWNER/REPO#N. issue is 0 where all are meant.
func (c recoverCommand) target() (repo string, issue int, err error) {
	repo, number, one := strings.Cut(c.Issue, "#")
	owner, name, found := strings.Cut(repo, "/")
	if one {
		issue, err = strconv.Atoi(number)
	}
	if !found || owner == "" || name == "" || strings.Contains(name, "/") || err != nil || one && issue <= 0 {
		return "", 0, fault{fmt.Sprintf("%q is neither OWNER/REPO nor OWNER/REPO#N, for example falcosecurity/libs#7",
			c.Issue)}
	}
	return repo, issue, nil
}

// recoverIssues says of each issue what was restored, and why others were left. The latter makes the exit code 1.
func recoverIssues(s *streams, bot *app.Bot, name string, issue int) error {
	repo, err := bot.FindRepository(s.ctx, name)
	if errors.Is(err, app.ErrNoRepository) {
		return fault{fmt.Sprintf("Slipway is not installed in %s, or there is no such repository.", name)}
	}
	if err != nil {
		return err
	}
	all, left := 0, 0
	err = bot.Recover(s.ctx, repo, issue, func(number int, got conversation.Recovered, err error) error {
		all++
		if no, is := errors.AsType[*conversation.NotRecovered](err); is {
			left++
			fmt.Fprintf(s.out, "%s#%d: left as it is: %s.\n", repo.Name, number, no.Why)
			return nil
		}
		if err == nil {
			tell(s.out, got)
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case all == 0:
		fmt.Fprintf(s.out, "%s has no open issue with a release.\n", repo.Name)
	case left > 0:
		return fault{fmt.Sprintf("Of %d issues %d were left as they are.", all, left)}
	}
	return nil
}

// tell says what was restored of one issue.
func tell(out io.Writer, r conversation.Recovered) {
	name := fmt.Sprintf("%s#%d", r.Place.Name, r.Place.Issue)
	switch {
	case r.Added == 0:
		fmt.Fprintf(out, "%s: nothing was lost: the database holds all %d entries of the copy of %s.\n", name, r.Copied,
			r.Version)
	case r.Added < r.Copied:
		fmt.Fprintf(out, "%s: restored the last %d of %d entries of %s, up to %s.\n", name, r.Added, r.Copied,
			r.Version, stamp(r.At))
	default:
		fmt.Fprintf(out, "%s: restored all %d entries of %s, up to %s.\n", name, r.Copied, r.Version, stamp(r.At))
	}
	if r.Heard > 0 {
		fmt.Fprintf(out, "%s: comments with commands that are worked next: %d.\n", name, r.Heard)
	}
}
