package patches

import (
	"fmt"
	"strings"

	"github.com/slipway-dev/slipway/release/markdown"
)

// TitleFor is the milestone of a version.
func (p Policy) TitleFor(version string) string {
	return strings.NewReplacer("{version}", version, "{minor}", MinorOf(version)).Replace(p.Milestones.Title)
}

// Rollover is what becomes of a milestone whose version is published.
type Rollover struct {
	Title, Next string
	Block, Move []int // items by number
	Ask         []int // open items that a person decides about
	Close       bool
}

// Roll decides it by the policy: what blocks stays and keeps the milestone open, of the rest the policy says whether it
// moves, a person is asked, or it stays.
func (p Policy) Roll(version, next string, items []Issue) Rollover {
	r := Rollover{Title: p.TitleFor(version), Next: p.TitleFor(next)}
	blocks := map[int]bool{}
	for _, is := range p.Blocking(items) {
		blocks[is.Number] = true
		r.Block = append(r.Block, is.Number)
	}
	left := 0
	for _, is := range items {
		switch {
		case is.State != "open" || blocks[is.Number]:
		case p.Milestones.Others == "move":
			r.Move = append(r.Move, is.Number)
		case p.Milestones.Others == "ask":
			r.Ask = append(r.Ask, is.Number)
		default:
			left++
		}
	}
	r.Close = len(r.Block)+len(r.Ask)+left == 0
	return r
}

// Tell is the account of a rollover.
func (r Rollover) Tell(version string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s is published.**", version)
	refs := func(numbers []int) string {
		var out []string
		for i, n := range numbers {
			if i == 50 {
				out = append(out, fmt.Sprintf("and %d more", len(numbers)-50))
				break
			}
			out = append(out, "#"+number(n))
		}
		return strings.Join(out, ", ")
	}
	if len(r.Move) > 0 {
		fmt.Fprintf(&b, "\n- Moved to milestone %s: %s. To move them back, comment %s.",
			markdown.Text(r.Next), refs(r.Move), markdown.Code("/milestone undo "+r.Title))
	}
	if len(r.Ask) > 0 {
		fmt.Fprintf(&b, "\n- Still open in %s: %s. To move them to %s, comment %s.",
			markdown.Text(r.Title), refs(r.Ask), markdown.Text(r.Next), markdown.Code("/milestone roll "+r.Title))
	}
	if len(r.Block) > 0 {
		fmt.Fprintf(&b,
			"\n- ⚠️ Still open, with a priority that should have blocked the release: %s. They stay in %s. "+
				"Close them, or comment %s on each. Then, to close %s, comment %s.",
			refs(r.Block), markdown.Text(r.Title), markdown.Code("/milestone "+
				r.Next), markdown.Text(r.Title), markdown.Code("/milestone roll "+r.Title))
	}
	if r.Close {
		fmt.Fprintf(&b, "\n- Milestone %s is closed, and %s is open.", markdown.Text(r.Title), markdown.Text(r.Next))
	}
	return b.String()
}
