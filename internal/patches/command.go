package patches

import (
	"context"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/release"
	rules "github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/release/step"
)

// Commands are the rows of the table of commands, in the order of the documents.
func (p *Patches) Commands() conversation.Table {
	const anywhere, trusted = "any issue or pull request", "people whom the policy trusts"
	guarded := "anyone; only " + trusted + " if it guards the label"
	return conversation.Table{
		{
			Word: "/priority", Usage: "NAME", About: "set the priority", Example: "/priority critical-urgent",
			Who: guarded, Where: anywhere, Feature: feature{p}, Do: p.do(priority),
		},
		{
			Word: "/remove-priority", Usage: "[NAME...]", About: "remove the priority",
			Example: "/remove-priority",
			Who:     guarded, Where: anywhere, Feature: feature{p}, Do: p.do(removePriority),
		},
		{
			Word: "/sig", Usage: "NAME...", About: "add special interest groups (SIGs)", Example: "/sig node",
			Who: guarded, Where: anywhere, Feature: feature{p}, Do: p.do(sig),
		},
		{
			Word: "/remove-sig", Usage: "[NAME...]", About: "remove SIGs, or all if none is named",
			Example: "/remove-sig node",
			Who:     guarded, Where: anywhere, Feature: feature{p}, Do: p.do(removeSIG),
		},
		{
			Word: "/milestone", Usage: "NAME | clear | roll NAME | undo NAME",
			About:   "set or clear the milestone; `roll` moves the open issues to the next one, `undo` moves them back",
			Example: "/milestone v1.31.1",
			Who:     trusted, Where: anywhere, Feature: feature{p}, Do: p.do(milestone),
		},
		{
			Word: "/cherry-pick", Usage: "BRANCH...", About: "cherry-pick this pull request to release branches, now " +
				"or once it is merged",
			Example: "/cherry-pick release-1.31",
			Who:     trusted, Where: "a pull request", Feature: feature{p}, Do: p.do(cherryPick),
		},
		{
			Word: "/release report", Usage: "[patches | MILESTONE | vX.Y.Z]",
			About:   "keep a report on this issue: of the next patch releases, a milestone, or a published version",
			Example: "/release report patches",
			Who:     trusted + "; anyone if the report exists", Where: anywhere, Feature: feature{p}, Do: p.do(report),
		},
		{
			Word: "/release check", About: "check this patch-release issue, or the cherry-picks of this pull " +
				"request, again",
			Example: "/release check",
			Who:     "anyone", Where: anywhere, Feature: feature{p}, Do: p.do(check),
		},
	}
}

// command is one line that is carried out.
type command struct {
	*pass
	req  *conversation.Request
	args []string
}

// do carries a line out where there is a usable policy. A command looks up no more than it takes to decide; what takes
// longer is a wish in a snapshot, and a job. Its success needs no words.
func (p *Patches) do(
	carry func(context.Context, *command) ([]release.Event, error),
) func(context.Context, *conversation.Request) ([]release.Event, error) {
	return func(ctx context.Context, t *conversation.Request) ([]release.Event, error) {
		policy, state, err := p.policy(ctx, t.GitHub(), t.Place())
		switch {
		case err != nil:
			return nil, err
		case !state.found:
			return t.Refuse(notSetUp()), nil
		case !state.usable():
			return t.Refuse(unusablePolicy(state)), nil
		}
		args := t.Line.Words[1:]
		if t.Line.Words[0] == "/release" {
			args = t.Line.Words[2:]
		}
		return carry(ctx, &command{&pass{p, t.Place(), t.Client(step.Levels(Needs())), policy}, t, args})
	}
}

// refuseUntrusted refuses those whom the policy does not trust with something; nil is trust. It comes before every
// other look-up: who may not costs no more.
func (c *command) refuseUntrusted(ctx context.Context, what string) ([]release.Event, error) {
	ok, err := c.among(ctx, c.policy.Trusted, step.User(c.req.Said.Person()))
	if err != nil || ok {
		return nil, err
	}
	return c.req.RefuseOutsider(notTrusted(c.req.Said.By, what, c.policy.Trusted, c.place.Name, c.req.Line.Raw)), nil
}

// changed lets the reports show what a command did, and the issue be looked at, where it is a patch-release issue.
func (c *command) changed(ctx context.Context) error {
	if err := c.wakeReports(ctx, c.place.Repo); err != nil || c.req.Said.Pull {
		return err
	}
	memory, _, err := load[issueMemory](ctx, c.Store, keyOf(kindIssue, c.place))
	if err != nil || !memory.Tracked && !c.req.Said.Block {
		return err
	}
	return c.Issue(ctx, c.place)
}

// Concerns says that a description is that of a patch-release issue: it has a release block, most of the template, or
// is under embargo.
func Concerns(body string) bool { return rules.Policy{}.Read(rules.Issue{Body: body}).Tracked() }

// openTitles are the titles of the open milestones.
func openTitles(all []step.Milestone) []string {
	var open []string
	for _, m := range all {
		if m.State == "open" {
			open = append(open, m.Title)
		}
	}
	return open
}
