package review

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/internal/conversation"
	"github.com/slipway-dev/slipway/internal/github"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/gate"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/process"
	"github.com/slipway-dev/slipway/release/step"
)

// change is one file of the pull request, as it was where the branch began, and as it is.
type change struct {
	path    string
	was, is file
}

// check is what the check run says of these files. unread are files that nobody reads.
func (l *look) check(ctx context.Context, pull step.Pull, trunk string, paths, unread []string) (step.Check, error) {
	base, err := l.gh.MergeBase(ctx, l.place.Name, pull.Base, pull.HeadSHA)
	if err != nil {
		return step.Check{}, err
	}
	var changes []change
	for _, at := range paths {
		c := change{path: at}
		if c.was, err = l.load(ctx, at, base); err != nil {
			return step.Check{}, err
		}
		if c.is, err = l.head(ctx, at, pull.HeadSHA); err != nil {
			return step.Check{}, err
		}
		if c.was.there || c.is.there { // where GitHub does not list all files, these may not be among them
			changes = append(changes, c)
		}
	}
	if len(changes)+len(unread) == 0 {
		return untouched(), nil
	}
	var b strings.Builder
	if pull.Base != trunk {
		b.WriteString(otherBranch(pull.Base, trunk))
	}
	weaker := 0
	for _, c := range changes {
		var part strings.Builder
		weaker += c.text(&part)
		b.WriteString(shortened(part.String(), longestFiles/len(changes)))
	}
	b.WriteString(shortened(unreadText(unread), longestRest))
	var live strings.Builder
	if err := l.live(ctx, &live, pull, trunk, changes); err != nil {
		return step.Check{}, err
	}
	b.WriteString(shortened(live.String(), longestRest))
	out := step.Check{Conclusion: "success", Title: title(changes, weaker), Summary: strings.TrimSpace(b.String())}
	if out.Annotations = annotations(changes); len(out.Annotations) > 0 {
		out.Conclusion = "failure"
	}
	return out, nil
}

// annotations are the mistakes at their lines, as many as one request takes: GitHub would add those of a second one to
// them again whenever that is repeated.
func annotations(changes []change) []step.Annotation {
	var out []step.Annotation
	for _, c := range changes {
		for _, m := range c.is.mistakes {
			if len(out) < step.MostAnnotations {
				out = append(out, annotation(c.path, m))
			}
		}
	}
	return out
}

// text writes what changes in one file, and says how much of it is weaker than before.
func (c change) text(b *strings.Builder) (weaker int) {
	fmt.Fprintf(b, "### %s\n\n", markdown.Code(c.path))
	switch {
	case len(c.is.mistakes) > 0:
		b.WriteString(mistakesText(c.is.mistakes))
		return 0
	case !c.is.there:
		b.WriteString(removedText(c.path))
		return 0
	case c.was.there && !c.was.good():
		b.WriteString("The file can be used. Before this change it could not, so there is nothing to compare it with.\n\n")
		return 0
	case c.is.policy != nil:
		b.WriteString(policyText(process.Edits(c.was.policy, c.is.policy)))
		return 0
	}
	if !c.was.there {
		b.WriteString("The file is new.\n\n")
	}
	var before, after release.Process
	if c.was.process != nil {
		before = *c.was.process
	}
	if c.is.process != nil {
		after = *c.is.process
	}
	d := process.Compare(before, after)
	d.Weaker = append(d.Weaker, process.MoreGrants(c.was.grants, c.is.grants)...)
	d.People = append(d.People, process.FewerGrants(c.was.grants, c.is.grants)...)
	b.WriteString(d.Markdown() + "\n")
	b.WriteString(needsText(needs(before), needs(after)))
	return len(d.Weaker)
}

// needs are the permissions of the App that a process uses, with their levels.
func needs(p release.Process) map[string]string {
	out := map[string]string{}
	add := func(permissions map[string]string) {
		for name, level := range permissions {
			if out[name] != "write" {
				out[name] = level
			}
		}
	}
	for _, ph := range p.Phases {
		for _, g := range ph.Needs {
			add(gate.Permissions(g.Asks.Kind()))
		}
		for _, s := range ph.Steps {
			if add(step.Permissions(s.Does.Kind())); s.Undo.Any != nil {
				add(step.Permissions(s.Undo.Kind()))
			}
		}
	}
	return out
}

// live writes what the next release would write, and which releases are under way.
func (l *look) live(ctx context.Context, b *strings.Builder, pull step.Pull, trunk string, changes []change) error {
	processes := slices.DeleteFunc(slices.Clone(changes), func(c change) bool {
		return c.is.process == nil || !c.is.good() || c.was.there && !c.was.good()
	})
	if len(processes) > 0 && pull.Base == trunk {
		b.WriteString("### What the next release would write\n\n")
		if err := l.forecasts(ctx, b, pull, trunk, processes); err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(changes, func(c change) bool { return c.is.process != nil || c.was.process != nil }) {
		return nil
	}
	open, err := l.underWay(ctx)
	if err == nil {
		b.WriteString(underWayText(open))
	}
	return err
}

// forecasts writes what the next release would write with each of the processes, or why that is not looked up.
func (l *look) forecasts(ctx context.Context, b *strings.Builder, pull step.Pull, trunk string,
	processes []change) error {
	why, err := l.untrusted(ctx, pull)
	if err != nil || why != "" {
		b.WriteString(why)
		return err
	}
	for _, c := range processes {
		text, err := l.forecast(ctx, c, trunk)
		if err != nil {
			return err
		}
		if len(processes) > 1 {
			fmt.Fprintf(b, "With %s:\n\n", markdown.Code(c.path))
		}
		b.WriteString(text + "\n")
	}
	return nil
}

// untrusted says why nothing of the live state is looked at for this pull request; empty where it may be. A branch of
// the repository was pushed by somebody who may write there; whoever opened the pull request is asked about now.
func (l *look) untrusted(ctx context.Context, pull step.Pull) (string, error) {
	if _, name, _ := strings.Cut(l.place.Name, "/"); name == ofOwner {
		return noForecast("its file is that of every repository of the owner which has none of its own"), nil
	}
	if !strings.EqualFold(pull.HeadRepo, l.place.Name) {
		return noForecast("it comes from a fork"), nil
	}
	level, err := l.gh.Permission(ctx, l.place.Name, step.User{Login: pull.Author, ID: pull.AuthorID})
	if err != nil || conversation.AtLeast(level, "write") {
		return "", err
	}
	return noForecast("its author cannot write to the repository"), nil
}

// forecast is what the next release would write with the file as it was, and as it is.
func (l *look) forecast(ctx context.Context, c change, trunk string) (string, error) {
	req := l.Conversation.Supposed(l.place, trunk)
	var before *release.Forecast
	if c.was.process != nil {
		found, err := l.Releases.Forecast(ctx, req, *c.was.process)
		if err != nil {
			return failed(err)
		}
		before = &found
	}
	after, err := l.Releases.Forecast(ctx, req, *c.is.process)
	if err != nil {
		return failed(err)
	}
	return release.ForecastText(before, after), nil
}

// failed tells what GitHub refuses for good; the rest is tried again.
func failed(err error) (string, error) {
	if f, explained := github.Explain(err); explained && f.Final {
		return "It is not known: GitHub refused to " + f.What + ". " + release.Sentence(f.Why) + "\n", nil
	}
	return "", err
}

// started is a release under way.
type started struct {
	issue   int
	name    string // of its process
	version string
}

// underWay are the open releases of the repository.
func (l *look) underWay(ctx context.Context) ([]started, error) {
	logs, err := l.Store.Logs(ctx, openLogs(l.place.Repo))
	if err != nil {
		return nil, err
	}
	var out []started
	for _, log := range logs {
		at := l.place
		at.Issue = log.Issue
		r, err := l.Conversation.Read(ctx, at)
		if _, is := errors.AsType[*release.UnknownForm](err); is {
			continue // its own job says so
		}
		if err != nil {
			return nil, err
		}
		if r.Begun && r.Open() {
			out = append(out, started{at.Issue, r.Started.Process.Title, r.Started.Version})
		}
	}
	return out, nil
}

// added are the permissions that a process needs and did not need before: by name, with their levels.
func added(before, after map[string]string) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if before[name] != after[name] && before[name] != "write" {
			out = append(out, name+": "+after[name])
		}
	}
	return out
}
