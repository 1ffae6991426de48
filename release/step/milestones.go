package step

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slipway-dev/slipway/parse"
)

// createMilestone makes the milestone of the release and keeps its due date right: "Releases are planned using
// GitHub milestones. The due date indicates when consumers should expect a tagged release" (Falco release.md).
type createMilestone struct{ gh MilestoneStore }

func (k createMilestone) due(in Input) (time.Time, error) {
	if in.With["due"] == "" {
		return time.Time{}, nil
	}
	due, err := time.Parse(time.DateOnly, in.With["due"])
	if err != nil {
		return due, fmt.Errorf("parameter due: %w", err)
	}
	return due, nil
}

func (k createMilestone) Plan(ctx context.Context, in Input) ([]Write, error) {
	o, err := k.Observe(ctx, in)
	return unless(o, err, func() []Write {
		if in.With["due"] == "" {
			return writes(in.Repo, fmt.Sprintf("create the milestone %s", in.With["title"]))
		}
		return writes(in.Repo, fmt.Sprintf("create the milestone %s, due %s", in.With["title"], in.With["due"]))
	})
}

func (k createMilestone) Observe(ctx context.Context, in Input) (Outcome, error) {
	due, err := k.due(in)
	if err != nil {
		return Outcome{}, err
	}
	m, found, err := milestoneOf(ctx, k.gh, in.Repo, in.With["title"])
	switch {
	case err != nil:
		return Outcome{}, err
	case !found:
		return Missing(), nil
	case m.State == "closed":
		return Conflicts("the milestone "+m.Title+" is closed", "reopen it on GitHub if it is the right one, then `/release retry`"), nil
	case !due.IsZero() && !sameDay(m.Due, due):
		return Missing(), nil
	}
	text := "milestone " + m.Title
	if !m.Due.IsZero() {
		text += ", due " + m.Due.UTC().Format(time.DateOnly)
	}
	return DoneWith(Receipt{Text: text, URL: m.URL, ID: int64(m.Number)}), nil
}

func (k createMilestone) Act(ctx context.Context, in Input) error {
	due, err := k.due(in)
	if err != nil {
		return err
	}
	m, found, err := milestoneOf(ctx, k.gh, in.Repo, in.With["title"])
	if err != nil {
		return err
	}
	if found {
		m.Due = due
		return k.gh.EditMilestone(ctx, in.Repo, m)
	}
	_, err = k.gh.CreateMilestone(ctx, in.Repo, Milestone{Title: in.With["title"], Description: in.With["description"], State: "open", Due: due})
	return err
}

func sameDay(a, b time.Time) bool {
	return a.UTC().Format(time.DateOnly) == b.UTC().Format(time.DateOnly)
}

func milestoneOf(ctx context.Context, gh MilestoneStore, repo, title string) (Milestone, bool, error) {
	all, err := gh.Milestones(ctx, repo)
	if err != nil {
		return Milestone{}, false, err
	}
	i := slices.IndexFunc(all, func(m Milestone) bool { return m.Title == title })
	if i < 0 {
		return Milestone{}, false, nil
	}
	return all[i], true, nil
}

// closeMilestone closes the milestone once the release is out.
type closeMilestone struct{ gh MilestoneStore }

func (k closeMilestone) Plan(ctx context.Context, in Input) ([]Write, error) {
	o, err := k.Observe(ctx, in)
	return unless(o, err, func() []Write { return writes(in.Repo, "close the milestone "+in.With["title"]) })
}

func (k closeMilestone) Observe(ctx context.Context, in Input) (Outcome, error) {
	m, found, err := milestoneOf(ctx, k.gh, in.Repo, in.With["title"])
	switch {
	case err != nil:
		return Outcome{}, err
	case !found:
		return Conflicts("there is no milestone "+in.With["title"], "create and close it by hand, or `/release skip milestone REASON`"), nil
	case m.State != "closed":
		return Missing(), nil
	}
	return DoneWith(Receipt{Text: "milestone " + m.Title + " closed", URL: m.URL, ID: int64(m.Number)}), nil
}

func (k closeMilestone) Act(ctx context.Context, in Input) error {
	m, found, err := milestoneOf(ctx, k.gh, in.Repo, in.With["title"])
	if err != nil || !found {
		return err
	}
	m.State = "closed"
	return k.gh.EditMilestone(ctx, in.Repo, m)
}

// rollMilestone moves what is not finished to the next milestone: "Not yet merged PRs must be moved to the
// subsequent milestone" (Falco release.md, Release branch). It is one recorded act: before the first move a comment
// on the tracking issue lists all that will move, so that a crash in the middle loses nothing and undo knows
// everything (a bot that moved things back and forth without a record: cms-bot#2562).
type rollMilestone struct {
	gh interface {
		MilestoneStore
		IssueStore
	}
}

func (k rollMilestone) Plan(ctx context.Context, in Input) ([]Write, error) {
	moves, err := k.left(ctx, in)
	if err != nil {
		return nil, err
	}
	var out []Write
	if len(moves) == 0 {
		return nil, nil
	}
	if _, found, err := milestoneOf(ctx, k.gh, in.Repo, in.With["to"]); err != nil {
		return nil, err
	} else if !found {
		out = writes(in.Repo, "create the milestone "+in.With["to"])
	}
	names := []string{}
	for _, item := range moves {
		names = append(names, "#"+strconv.Itoa(item.Number))
	}
	return append(out, writes(in.Repo, fmt.Sprintf("move %s from %s to %s", strings.Join(names, ", "), in.With["from"], in.With["to"]))...), nil
}

// left are the open items that still have to move, by number.
func (k rollMilestone) left(ctx context.Context, in Input) ([]Item, error) {
	from, found, err := milestoneOf(ctx, k.gh, in.Repo, in.With["from"])
	if err != nil || !found {
		return nil, err
	}
	items, err := k.gh.MilestoneItems(ctx, in.Repo, from.Number, "open")
	if err != nil {
		return nil, err
	}
	keep := lines(in.With["keep"])
	items = slices.DeleteFunc(items, func(i Item) bool {
		wrong := in.With["what"] == "pulls" && !i.Pull || in.With["what"] == "issues" && i.Pull
		return wrong || i.Number == in.Issue || slices.Contains(keep, strconv.Itoa(i.Number))
	})
	slices.SortFunc(items, func(a, b Item) int { return a.Number - b.Number })
	return items, nil
}

func (k rollMilestone) Observe(ctx context.Context, in Input) (Outcome, error) {
	moves, err := k.left(ctx, in)
	if err != nil {
		return Outcome{}, err
	}
	if len(moves) > 0 {
		return Missing(), nil
	}
	record, found, err := k.record(ctx, in)
	if err != nil {
		return Outcome{}, err
	}
	if !found {
		return DoneWith(Receipt{Text: "nothing was left in " + in.With["from"]}), nil
	}
	undo := map[string]string{}
	for _, l := range lines(record.Body) {
		var n, m int
		if _, err := fmt.Sscanf(l, "- #%d from milestone %d", &n, &m); err == nil {
			undo[strconv.Itoa(n)] = strconv.Itoa(m)
		}
	}
	return DoneWith(Receipt{Text: fmt.Sprintf("%d moved to %s", len(undo), in.With["to"]), URL: record.URL, ID: record.ID, Undo: undo}), nil
}

func (k rollMilestone) record(ctx context.Context, in Input) (Comment, bool, error) {
	return marked(ctx, k.gh, in.Repo, in.Issue, in.Key)
}

func (k rollMilestone) Act(ctx context.Context, in Input) error {
	moves, err := k.left(ctx, in)
	if err != nil {
		return err
	}
	from, _, err := milestoneOf(ctx, k.gh, in.Repo, in.With["from"])
	if err != nil {
		return err
	}
	to, found, err := milestoneOf(ctx, k.gh, in.Repo, in.With["to"])
	if err != nil {
		return err
	}
	if !found {
		if to, err = k.gh.CreateMilestone(ctx, in.Repo, Milestone{Title: in.With["to"], State: "open"}); err != nil {
			return err
		}
	}
	if _, recorded, err := k.record(ctx, in); err != nil {
		return err
	} else if !recorded {
		var b strings.Builder
		fmt.Fprintf(&b, "Moved from the milestone %s to %s, because the code is frozen:\n\n", in.With["from"], in.With["to"])
		for _, item := range moves {
			fmt.Fprintf(&b, "- #%d from milestone %d: %s\n", item.Number, from.Number, calm(item.Title))
		}
		fmt.Fprintf(&b, "\n`/release abort` moves them back.\n\n%s", parse.Marker(in.Key))
		if _, err := k.gh.CreateComment(ctx, in.Repo, in.Issue, b.String()); err != nil {
			return err
		}
	}
	for _, item := range moves {
		if err := k.gh.SetMilestone(ctx, in.Repo, item.Number, to.Number); err != nil {
			return err
		}
	}
	return nil
}

// marked finds the comment of ours that carries the key.
func marked(ctx context.Context, gh IssueStore, repo string, issue int, key string) (Comment, bool, error) {
	comments, err := gh.Comments(ctx, repo, issue)
	if err != nil {
		return Comment{}, false, err
	}
	i := slices.IndexFunc(comments, func(c Comment) bool { return c.Bot && slices.Contains(parse.Markers(c.Body), key) })
	if i < 0 {
		return Comment{}, false, nil
	}
	return comments[i], true, nil
}

// unrollMilestone moves back what rollMilestone moved, on abort. What a person has moved elsewhere since stays there.
type unrollMilestone struct {
	gh interface {
		MilestoneStore
		IssueStore
	}
}

func (k unrollMilestone) moves(ctx context.Context, in Input) (map[int]int, error) {
	out := map[int]int{}
	for _, l := range lines(in.With["moves"]) {
		var n, m int
		if _, err := fmt.Sscanf(l, "%d %d", &n, &m); err == nil {
			out[n] = m
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	record, found, err := marked(ctx, k.gh, in.Repo, in.Issue, in.With["undo_key"])
	if err != nil || !found {
		return nil, err
	}
	for _, l := range lines(record.Body) {
		var n, m int
		if _, err := fmt.Sscanf(l, "- #%d from milestone %d", &n, &m); err == nil {
			out[n] = m
		}
	}
	return out, nil
}

// astray are the items that are still where the roll put them.
func (k unrollMilestone) astray(ctx context.Context, in Input) (map[int]int, error) {
	moves, err := k.moves(ctx, in)
	if err != nil {
		return nil, err
	}
	for _, n := range slices.Sorted(maps.Keys(moves)) {
		issue, found, err := k.gh.Issue(ctx, in.Repo, n)
		if err != nil {
			return nil, err
		}
		if !found || issue.State != "open" || issue.Milestone == moves[n] {
			delete(moves, n)
		}
	}
	return moves, nil
}

func (k unrollMilestone) Plan(ctx context.Context, in Input) ([]Write, error) {
	astray, err := k.astray(ctx, in)
	if err != nil {
		return nil, err
	}
	var out []Write
	for _, n := range slices.Sorted(maps.Keys(astray)) {
		out = append(out, writes(in.Repo, fmt.Sprintf("move #%d back to its milestone", n))...)
	}
	return out, nil
}

func (k unrollMilestone) Observe(ctx context.Context, in Input) (Outcome, error) {
	astray, err := k.astray(ctx, in)
	if err != nil {
		return Outcome{}, err
	}
	if len(astray) > 0 {
		return Missing(), nil
	}
	return DoneWith(Receipt{Text: "everything is back in its milestone"}), nil
}

func (k unrollMilestone) Act(ctx context.Context, in Input) error {
	astray, err := k.astray(ctx, in)
	if err != nil {
		return err
	}
	for _, n := range slices.Sorted(maps.Keys(astray)) {
		if err := k.gh.SetMilestone(ctx, in.Repo, n, astray[n]); err != nil {
			return err
		}
	}
	return nil
}
