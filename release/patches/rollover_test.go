package patches

import (
	"fmt"
	"strings"
	"testing"
)

func TestARolloverDoesWhatThePolicySays(t *testing.T) {
	items := []Issue{
		{Number: 1, State: "open", Labels: []string{"priority/critical-urgent"}},
		{Number: 2, State: "open", Labels: []string{"priority/important-soon"}},
		{Number: 3, State: "closed", Labels: []string{"priority/critical-urgent"}},
		{Number: 4, State: "open", Pull: true},
	}
	for _, c := range []struct {
		name, policy string
		items        []Issue
		want         string // block, move, ask, close
	}{
		{"what blocks stays, the rest moves", "milestones: {block: [critical-urgent], others: move}", items,
			"[1] [2 4] [] false"},
		{"a person is asked about the rest", "milestones: {block: [critical-urgent], others: ask}", items,
			"[1] [] [2 4] false"},
		{"the rest stays", "milestones: {block: [critical-urgent], others: leave}", items, "[1] [] [] false"},
		{"nothing blocks where no priority does", "milestones: {block: [], others: move}", items, "[] [1 2 4] [] true"},
		{"a milestone that moved away is closed", "milestones: {block: [critical-urgent], others: move}", items[1:],
			"[] [2 4] [] true"},
		{"one that waits for a person is not", "milestones: {block: [critical-urgent], others: ask}", items[1:],
			"[] [] [2 4] false"},
		{"nor one in which something stays", "milestones: {block: [critical-urgent], others: leave}", items[1:2],
			"[] [] [] false"},
		{"an empty one is closed", "milestones: {others: ask}", nil, "[] [] [] true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := load(t, "preset: kubernetes\n"+c.policy)
			r := p.Roll("v1.30.4", "v1.30.5", c.items)
			if got := fmt.Sprint(r.Block, r.Move, r.Ask, r.Close); got != c.want {
				t.Errorf("it blocks, moves, asks and closes %s, want %s", got, c.want)
			}
			if r.Title != "v1.30.4" || r.Next != "v1.30.5" {
				t.Errorf("it goes from %q to %q", r.Title, r.Next)
			}
			text := r.Tell("v1.30.4")
			if strings.Contains(text, "`/milestone undo v1.30.4`") != (len(r.Move) > 0) ||
				strings.Contains(text, "`/milestone roll v1.30.4`") != (len(r.Ask)+len(r.Block) > 0) {
				t.Errorf("the account does not say how to go on:\n%s", text)
			}
		})
	}
}

func TestATableOfPicksPointsAtTheGap(t *testing.T) {
	p := load(t, "preset: kubernetes")
	row := func(minor string) PickRow {
		return PickRow{Branch: p.Branch(minor), Minor: minor, State: "waits for its merge"}
	}
	maintained := []string{"1.31", "1.30", "1.29"}
	for want, rows := range map[string][]PickRow{
		"":                                   {row("1.31"), row("1.30"), row("1.29")},
		"`release-1.30` is newer than":       {row("1.31"), row("1.29")},
		"Comment `/cherry-pick release-1.31": {row("1.29")},
	} {
		text := p.PickTable(7, rows, nil, maintained)
		if gap := strings.Contains(text, "⚠️"); gap != (want != "") || !strings.Contains(text, want) {
			t.Errorf("%d rows: want %q in\n%s", len(rows), want, text)
		}
	}
}
