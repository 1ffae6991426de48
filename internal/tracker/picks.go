package tracker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release/ledger"
	"github.com/slipway-dev/slipway/release/step"
)

// picksMemory is what is kept of the picks that were asked for on a pull request.
type picksMemory struct {
	Wanted  []string          `json:"wanted,omitempty"`  // branches
	Refused map[string]string `json:"refused,omitempty"` // labels that ask for what there is not, and why
	Done    bool              `json:"done,omitempty"`    // every pick is in a version
	Text    string            `json:"text,omitempty"`    // what the table said
}

// pickBranch is the branch of the pull request that carries a pick.
func pickBranch(pull int, branch string) string {
	return fmt.Sprintf("slipway/cherry-pick-%d-to-%s", pull, branch)
}

// cherryPick asks for picks of the pull request that is commented on.
func (t *Tracker) cherryPick(ctx context.Context, gh step.GitHub, p ledger.Policy, c Comment, args []string) error {
	pull, found, err := gh.Pull(ctx, c.Repo, c.Number)
	if err != nil {
		return err
	}
	tags, err := versions(ctx, gh, c.Repo)
	if err != nil {
		return err
	}
	var lines []string
	for _, minor := range p.MaintainedLines(tags) {
		lines = append(lines, p.Branch(minor))
	}
	switch {
	case !found:
		return &refusal{why: fmt.Sprintf("#%d is no pull request", c.Number), fix: "comment `/cherry-pick " + first(lines, p.Branch("1.2")) + "` on the pull request of the fix"}
	case len(args) == 0:
		return &refusal{why: "no branch is named", fix: "comment `/cherry-pick " + first(lines, p.Branch("1.2")) + "`; maintained are " + strings.Join(lines, ", ")}
	case pull.State != "open" && !pull.Merged:
		return &refusal{why: fmt.Sprintf("#%d was closed without a merge", c.Number), fix: "open it again, or comment on the pull request that has the fix"}
	}
	if err := t.mayGuard(ctx, gh, p, c, "ask for cherry-picks"); err != nil {
		return err
	}
	for _, branch := range args {
		if why := t.pickable(p, tags, branch, pull); why != nil {
			return why
		}
		_, there, err := gh.Branch(ctx, c.Repo, branch)
		if err != nil {
			return err
		}
		if !there {
			fix := "maintained are " + strings.Join(lines, ", ")
			if near, ok := parse.Nearest(branch, lines); ok {
				fix = "did you mean `/cherry-pick " + near + "`? " + fix
			}
			return &refusal{why: "there is no branch `" + strings.ReplaceAll(branch, "`", "'") + "`", fix: fix}
		}
	}
	log := c.log("picks")
	unlock, err := t.Store.Lock(ctx, log)
	if err != nil {
		return fmt.Errorf("lock %s: %w", log, err)
	}
	defer unlock()
	var memory picksMemory
	if err := t.load(ctx, log, &memory); err != nil {
		return err
	}
	for _, branch := range args {
		if !slices.Contains(memory.Wanted, branch) {
			memory.Wanted = append(memory.Wanted, branch)
		}
	}
	memory.Done = false
	if err := t.save(ctx, c.Place, log, memory, true); err != nil {
		return err
	}
	return t.again(ctx, log)
}

func first(list []string, fallback string) string {
	if len(list) > 0 {
		return list[0]
	}
	return fallback
}

// pickable refuses branches that get no picks.
func (t *Tracker) pickable(p ledger.Policy, tags []string, branch string, pull step.Pull) *refusal {
	minor, ok := p.LineOfBranch(branch)
	quoted := "`" + strings.ReplaceAll(branch, "`", "'") + "`"
	maintained := p.MaintainedLines(tags)
	switch {
	case !ok:
		return &refusal{why: quoted + " is no release branch", rule: "release branches are called `" + p.Branches + "`", fix: "name one, for example `/cherry-pick " + p.Branch(first(maintained, "1.2")) + "`"}
	case branch == pull.Base:
		return &refusal{why: quoted + " is where this pull request goes by itself", fix: "name another branch"}
	case !slices.Contains(maintained, minor):
		return &refusal{why: minor + " is not maintained any more", rule: "maintained are " + strings.Join(maintained, ", "),
			fix: "leave it out; a line comes back with `maintained` in `" + ledger.File + "`"}
	}
	return nil
}

// picks brings the picks of a pull request forward as far as they go, and the one comment that tells of them.
func (t *Tracker) picks(ctx context.Context, place Place) error {
	gh := t.GitHub(place.Installation)
	p, on, problem, err := t.policy(ctx, gh, place.Repo)
	if err != nil || !on || problem != "" {
		return err
	}
	pull, found, err := gh.Pull(ctx, place.Repo, place.Number)
	if err != nil || !found {
		return err
	}
	tags, err := versions(ctx, gh, place.Repo)
	if err != nil {
		return err
	}
	var memory picksMemory
	log := place.log("picks")
	if err := t.load(ctx, log, &memory); err != nil {
		return err
	}
	if err := t.labelled(ctx, gh, p, place, pull, tags, &memory); err != nil {
		return err
	}
	if err := t.onMerge(ctx, gh, p, place, pull, tags); err != nil {
		return err
	}
	if err := t.approval(ctx, gh, p, place, pull, tags); err != nil {
		return err
	}
	if len(memory.Wanted) == 0 && len(memory.Refused) == 0 {
		return nil
	}
	var rows []ledger.PickRow
	open := false
	for _, branch := range newestFirst(p, memory.Wanted) {
		row, err := t.pick(ctx, gh, p, place, pull, branch, tags)
		if err != nil {
			return err
		}
		rows = append(rows, row)
		open = open || row.Tag == ""
	}
	memory.Done = !open
	text := p.PickTable(place.Number, rows, memory.Refused, p.MaintainedLines(tags))
	if _, err := t.sticky(ctx, gh, place, log, func(bool) string { return text }); err != nil {
		return err
	}
	if text != memory.Text {
		// The issues that the pull request mends show how far its picks are.
		if err := t.Merged(ctx, place); err != nil {
			return err
		}
	}
	memory.Text = text
	return t.save(ctx, place, log, memory, open)
}

// labelled takes the labels that ask for picks.
func (t *Tracker) labelled(ctx context.Context, gh step.GitHub, p ledger.Policy, place Place, pull step.Pull, tags []string, memory *picksMemory) error {
	item, _, err := gh.Issue(ctx, place.Repo, place.Number)
	if err != nil {
		return err
	}
	memory.Refused = map[string]string{}
	for _, minor := range p.PicksAsked(item.Labels) {
		branch := p.Branch(minor)
		if slices.Contains(memory.Wanted, branch) {
			continue
		}
		if no := t.pickable(p, tags, branch, pull); no != nil {
			memory.Refused[branch] = no.why
			continue
		}
		_, there, err := gh.Branch(ctx, place.Repo, branch)
		if err != nil {
			return err
		}
		if !there {
			memory.Refused[branch] = "there is no branch `" + branch + "`"
			continue
		}
		memory.Wanted = append(memory.Wanted, branch)
	}
	return nil
}

func newestFirst(p ledger.Policy, branches []string) []string {
	return slices.SortedFunc(slices.Values(branches), func(a, b string) int {
		x, _ := p.LineOfBranch(a)
		y, _ := p.LineOfBranch(b)
		return ledger.CompareMinors(y, x)
	})
}

// pick looks at one pick, and does what is due: the trial while the pull request is open, the pull request of the pick
// once it is merged.
func (t *Tracker) pick(ctx context.Context, gh step.GitHub, p ledger.Policy, place Place, pull step.Pull, branch string, tags []string) (ledger.PickRow, error) {
	minor, _ := p.LineOfBranch(branch)
	row := ledger.PickRow{Branch: branch, Minor: minor}
	made, err := gh.PullsFrom(ctx, place.Repo, pickBranch(place.Number, branch), branch)
	if err != nil {
		return row, err
	}
	in := step.Input{
		Key: place.log("picks") + "/" + branch, Repo: place.Repo, AppSlug: t.AppSlug, Now: t.Clock().UTC(),
		With: map[string]string{"pull": strconv.Itoa(place.Number), "branch": branch},
	}
	picker := step.Picker{GH: gh}
	switch {
	case len(made) > 0:
		return t.follow(ctx, gh, p, place, made[0], row, minor, tags)
	case !pull.Merged && pull.State != "open":
		row.State = "closed without a merge"
		return row, nil
	case !pull.Merged:
		applies, err := t.trial(ctx, gh, picker, in, place, pull, minor)
		if err != nil {
			return row, err
		}
		if row.State = "waits for the merge; applies"; !applies {
			row.State = "waits for the merge; **conflicts**"
			row.Conflict, err = byHand(ctx, gh, in, place, pull)
		}
		return row, err
	}
	sha, err := picker.Pick(ctx, in)
	if stop, ok := errors.AsType[*step.Stop](err); ok {
		row.State = "**conflicts**: " + stop.Why
		row.Conflict, err = byHand(ctx, gh, in, place, pull)
		return row, err
	}
	if err != nil {
		return row, err
	}
	if sha == "" {
		row.State, row.Merged = "on the branch already", true
		if row.Tag, err = firstTag(ctx, gh, place.Repo, pull.MergeSHA, minor, tags); err != nil || row.Tag != "" {
			return row, err
		}
		head, _, err := gh.Branch(ctx, place.Repo, branch)
		if err == nil {
			row.Tag, err = firstTag(ctx, gh, place.Repo, head, minor, tags)
		}
		return row, err
	}
	return t.propose(ctx, gh, p, place, pull, row, sha)
}

// trial says whether an open pull request applies to the branch, as a check run on its head.
func (t *Tracker) trial(ctx context.Context, gh step.GitHub, picker step.Picker, in step.Input, place Place, pull step.Pull, minor string) (bool, error) {
	name := "applies to " + minor + "?"
	checks, err := gh.Checks(ctx, place.Repo, pull.HeadSHA)
	if err != nil {
		return false, err
	}
	head, _, err := gh.Branch(ctx, place.Repo, in.With["branch"])
	if err != nil {
		return false, err
	}
	for _, c := range checks {
		if c.Name == name && c.ExternalID == head { // tried against what the branch is now
			return c.Conclusion == "success", nil
		}
	}
	applies, err := picker.Applies(ctx, in, pull)
	if err != nil {
		return false, err
	}
	run := step.Check{Name: name, Status: "completed", Conclusion: "success", ExternalID: head, Title: "It applies to " + in.With["branch"], Summary: "A cherry-pick into " + in.With["branch"] + " has no conflict."}
	if !applies {
		run.Conclusion, run.Title = "neutral", "It conflicts with "+in.With["branch"]
		lines, err := byHand(ctx, gh, in, place, pull)
		if err != nil {
			return false, err
		}
		run.Summary = "The pick needs a person, once this is merged:\n\n```sh\n" + lines + "```"
	}
	return applies, gh.CreateCheck(ctx, place.Repo, pull.HeadSHA, run)
}

// byHand are the commands for a person. They push to the branch by which the pull request is found again.
func byHand(ctx context.Context, gh step.GitHub, in step.Input, place Place, pull step.Pull) (string, error) {
	shas := []string{pull.MergeSHA}
	if !pull.Merged {
		commits, err := gh.PullCommits(ctx, place.Repo, pull.Number)
		if err != nil {
			return "", err
		}
		shas = nil
		for _, c := range commits {
			shas = append(shas, c.SHA)
		}
	}
	return step.Picker{GH: gh}.Lines(ctx, in, pickBranch(place.Number, in.With["branch"]), shas)
}

// propose opens the pull request of a pick.
func (t *Tracker) propose(ctx context.Context, gh step.GitHub, p ledger.Policy, place Place, pull step.Pull, row ledger.PickRow, sha string) (ledger.PickRow, error) {
	name := pickBranch(place.Number, row.Branch)
	at, there, err := gh.Branch(ctx, place.Repo, name)
	if err != nil {
		return row, err
	}
	if there && at != sha { // a crash left it, with commits of another moment and the same change
		sha = at
	}
	if !there {
		if err := gh.CreateBranch(ctx, place.Repo, name, sha); err != nil {
			return row, err
		}
	}
	made, err := gh.OpenPull(ctx, place.Repo, step.Pull{
		Title: "Automated cherry pick of #" + strconv.Itoa(place.Number) + ": " + ledger.Calm(pull.Title), Head: name, Base: row.Branch,
		Body: fmt.Sprintf("Cherry pick of #%d on %s.\n\n#%d: %s\n\nThe author of each commit is kept, and its origin is in its last line (`git cherry-pick -x`).\n\n%s",
			place.Number, row.Branch, place.Number, ledger.Calm(pull.Title), parse.Marker(place.log("picks")+"/"+row.Branch)),
	})
	if err != nil {
		return row, err
	}
	return t.follow(ctx, gh, p, place, made, row, row.Minor, nil)
}

// follow says how far the pull request of a pick is.
func (t *Tracker) follow(ctx context.Context, gh step.GitHub, p ledger.Policy, place Place, made step.Pull, row ledger.PickRow, minor string, tags []string) (ledger.PickRow, error) {
	row.Ref, row.URL, row.Merged = "#"+strconv.Itoa(made.Number), made.URL, made.Merged
	switch {
	case made.Merged:
		row.State = "merged, in no version yet"
		tag, err := firstTag(ctx, gh, place.Repo, made.MergeSHA, minor, tags)
		if row.Tag = tag; tag != "" {
			row.State = "in " + tag
		}
		return row, err
	case made.State == "open":
		held, err := t.held(ctx, gh, p, place, made)
		if row.State = "waits for its merge"; held {
			row.State = "waits for its approval"
		}
		return row, err
	default:
		row.State = "closed without a merge; reopen it, or pick by hand"
	}
	return row, nil
}
