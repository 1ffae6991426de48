package step

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/params"
)

// rollMilestone moves what is not finished to the next milestone: "Not yet merged PRs must be moved to the
// subsequent milestone" (Falco release.md, Release branch). It is one recorded act: before the first move a comment
// on the tracking issue lists all that will move, so that a crash in the middle loses nothing and undo knows
// everything (a bot that moved things back and forth without a record: cms-bot#2562). The comment says that things
// are being moved until all are, and that they were moved from then on.
type rollMilestone struct {
	gh interface {
		MilestoneStore
		IssueStore
	}
	params.RollMilestone
}

// moving and moved begin the record before the first move and after the last.
const (
	moving = "Moving"
	moved  = "Moved"
)

func (k rollMilestone) Plan(ctx context.Context, in Input) ([]Write, error) {
	o, err := k.Observe(ctx, in)
	if err != nil || o.State != Absent {
		return nil, err
	}
	items, err := k.left(ctx, in)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	var out []Write
	if _, found, err := milestoneOf(ctx, k.gh, in.Repo, k.To); err != nil {
		return nil, err
	} else if !found {
		out = writes(in.Repo, "create milestone "+k.To)
	}
	names := []string{}
	for _, item := range items {
		names = append(names, "#"+strconv.Itoa(item.Number))
	}
	return append(out, writes(in.Repo, fmt.Sprintf("move %s from milestone %s to %s, and list them in a comment",
		strings.Join(names, ", "), k.From, k.To))...), nil
}

// left are the open items that still have to move, by number.
func (k rollMilestone) left(ctx context.Context, in Input) ([]Item, error) {
	from, found, err := milestoneOf(ctx, k.gh, in.Repo, k.From)
	if err != nil || !found {
		return nil, err
	}
	items, err := k.gh.MilestoneItems(ctx, in.Repo, from.Number, "open")
	if err != nil {
		return nil, err
	}
	items = slices.DeleteFunc(items, func(i Item) bool {
		wrong := k.What == "pulls" && !i.Pull || k.What == "issues" && i.Pull
		return wrong || i.Number == in.Issue || slices.Contains(k.Keep, i.Number)
	})
	slices.SortFunc(items, func(a, b Item) int { return a.Number - b.Number })
	return items, nil
}

func (k rollMilestone) Observe(ctx context.Context, in Input) (Outcome, error) {
	items, err := k.left(ctx, in)
	if err != nil {
		return Outcome{}, err
	}
	if len(items) > 0 {
		_, found, err := milestoneOf(ctx, k.gh, in.Repo, k.To)
		if err == nil && !found && !k.Create {
			return Conflicts(
				fmt.Sprintf("milestone %s has open items (%d), and there is no milestone %s to move them to",
					k.From, len(items), k.To),
				"create it, then "+retry(in)+". To leave them where they are, "+skip(in),
			), nil
		}
		return Missing(), err
	}
	record, found, err := marked(ctx, k.gh, in, in.Key)
	if err != nil {
		return Outcome{}, err
	}
	if !found {
		return k.idle(ctx, in)
	}
	if strings.HasPrefix(record.Body, moving) {
		return Missing(), nil
	}
	undo := map[string]string{}
	for _, m := range readRecord(record.Body) {
		undo[strconv.Itoa(m.number)] = strconv.Itoa(m.from)
	}
	return DoneWith(Receipt{Text: fmt.Sprintf("%d moved to %s", len(undo), k.To), URL: record.URL,
		ID: record.ID, Undo: undo}), nil
}

// idle is the outcome where nothing was to move.
func (k rollMilestone) idle(ctx context.Context, in Input) (Outcome, error) {
	_, found, err := milestoneOf(ctx, k.gh, in.Repo, k.From)
	if err != nil {
		return Outcome{}, err
	}
	if !found {
		return DoneWith(Receipt{Text: "there is no milestone " + k.From +
			", so there is nothing to move"}), nil
	}
	return DoneWith(Receipt{Text: "nothing is open in " + k.From}), nil
}

func (k rollMilestone) Act(ctx context.Context, in Input) error {
	items, err := k.left(ctx, in)
	if err != nil {
		return err
	}
	from, _, err := milestoneOf(ctx, k.gh, in.Repo, k.From)
	if err != nil {
		return err
	}
	to, found, err := milestoneOf(ctx, k.gh, in.Repo, k.To)
	if err != nil {
		return err
	}
	if !found {
		if to, err = k.gh.CreateMilestone(ctx, in.Repo, Milestone{Title: k.To, State: "open"}); err != nil {
			return err
		}
	}
	record, err := k.record(ctx, in, from, to, items)
	if err != nil {
		return err
	}
	for _, item := range items {
		if err := k.gh.SetMilestone(ctx, in.Repo, item.Number, to.Number); err != nil {
			return err
		}
	}
	rest, begun := strings.CutPrefix(record.Body, moving)
	if !begun {
		return nil
	}
	return k.gh.EditComment(ctx, in.Repo, record.ID, moved+rest)
}

// record makes sure that the comment lists all that will move: also what came into the milestone after a crash.
func (k rollMilestone) record(ctx context.Context, in Input, from, to Milestone, items []Item) (Comment, error) {
	old, found, err := marked(ctx, k.gh, in, in.Key)
	if err != nil {
		return Comment{}, err
	}
	var rows []string
	listed := map[int]bool{}
	for _, m := range readRecord(old.Body) {
		rows, listed[m.number] = append(rows, m.line), true
	}
	for _, item := range items {
		if !listed[item.Number] {
			rows = append(rows, fmt.Sprintf("- #%d from milestone %d to %d: %s", item.Number, from.Number, to.Number,
				markdown.Text(item.Title)))
		}
	}
	body := fmt.Sprintf("%s from milestone %s to %s for the code freeze:\n\n%s\n\n`/release abort` moves them "+
		"back.\n\n%s",
		moving, markdown.Text(from.Title), markdown.Text(to.Title), strings.Join(rows, "\n"), parse.Marker(in.Key))
	switch {
	case !found:
		return k.gh.CreateComment(ctx, in.Repo, in.Issue, body)
	case len(rows) > len(listed):
		old.Body = body
		return old, k.gh.EditComment(ctx, in.Repo, old.ID, body)
	}
	return old, nil
}

// aMove is one line of the record: which item, from which milestone to which, by their numbers.
type aMove struct {
	number, from, to int
	line             string
}

func readRecord(body string) []aMove {
	var out []aMove
	for _, l := range lines(body) {
		m := aMove{line: l}
		if _, err := fmt.Sscanf(l, "- #%d from milestone %d to %d:", &m.number, &m.from, &m.to); err == nil {
			out = append(out, m)
		}
	}
	return out
}

// marked finds the comment of ours on the tracking issue that carries the key. A mark is text, which anybody can
// copy and other bots echo, so the author counts as well.
func marked(ctx context.Context, gh IssueStore, in Input, key string) (Comment, bool, error) {
	comments, err := gh.Comments(ctx, in.Repo, in.Issue)
	if err != nil {
		return Comment{}, false, err
	}
	i := slices.IndexFunc(comments, func(c Comment) bool {
		return c.Bot && strings.EqualFold(c.Author, in.AppSlug+"[bot]") && slices.Contains(parse.Markers(c.Body), key)
	})
	if i < 0 {
		return Comment{}, false, nil
	}
	return comments[i], true, nil
}

// unrollMilestone moves back what rollMilestone moved, on abort. What a person has moved elsewhere since, or closed,
// stays as it is: the person knew why.
type unrollMilestone struct {
	gh interface {
		MilestoneStore
		IssueStore
	}
	params.UnrollMilestone
}

// moves are from the record, which also knows what a roll that was broken off was about to move, and from the
// receipt where the record was deleted.
func (k unrollMilestone) moves(ctx context.Context, in Input) (map[int]aMove, error) {
	out := map[int]aMove{}
	for _, m := range k.Moves {
		out[m.Item] = aMove{number: m.Item, from: m.From}
	}
	if k.Rolled == "" {
		return out, nil
	}
	record, _, err := marked(ctx, k.gh, in, k.Rolled)
	if err != nil {
		return nil, err
	}
	for _, m := range readRecord(record.Body) {
		out[m.number] = m
	}
	return out, nil
}

// astray are the items that are still where the roll put them, and elsewhere those that a person moved since. Where
// the record is gone, nobody knows where the roll put them, and they count as astray.
func (k unrollMilestone) astray(ctx context.Context, in Input) (astray map[int]int, elsewhere []string, err error) {
	moves, err := k.moves(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	astray = map[int]int{}
	for _, n := range slices.Sorted(maps.Keys(moves)) {
		issue, found, err := k.gh.Issue(ctx, in.Repo, n)
		m := moves[n]
		switch {
		case err != nil:
			return nil, nil, err
		case !found, issue.State != "open", issue.Milestone == m.from:
		case m.to > 0 && issue.Milestone != m.to:
			elsewhere = append(elsewhere, "#"+strconv.Itoa(n))
		default:
			astray[n] = m.from
		}
	}
	return astray, elsewhere, nil
}

func (k unrollMilestone) Plan(ctx context.Context, in Input) ([]Write, error) {
	astray, _, err := k.astray(ctx, in)
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
	astray, elsewhere, err := k.astray(ctx, in)
	if err != nil {
		return Outcome{}, err
	}
	if len(astray) > 0 {
		return Missing(), nil
	}
	text := "everything is back in its milestone"
	if len(elsewhere) > 0 {
		text += ", except what was moved by hand: " + strings.Join(elsewhere, ", ")
	}
	return DoneWith(Receipt{Text: text}), nil
}

func (k unrollMilestone) Act(ctx context.Context, in Input) error {
	astray, _, err := k.astray(ctx, in)
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
