package ledger

import (
	"fmt"
	"strings"
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
		fmt.Fprintf(&b, "\n- moved to the milestone %s: %s. `/milestone undo %s` puts them back", Calm(r.Next), refs(r.Move), r.Title)
	}
	if len(r.Ask) > 0 {
		fmt.Fprintf(&b, "\n- still open in %s: %s. `/milestone roll %s` moves them to %s", Calm(r.Title), refs(r.Ask), r.Title, Calm(r.Next))
	}
	if len(r.Block) > 0 {
		fmt.Fprintf(&b, "\n- ⚠️ still open, and of a priority that should have held the release: %s. They stay in %s: close them, or comment `/milestone %s` on each; then `/milestone roll %s` closes %s", refs(r.Block), Calm(r.Title), r.Next, r.Title, Calm(r.Title))
	}
	if r.Close {
		fmt.Fprintf(&b, "\n- the milestone %s is closed, and %s is open", Calm(r.Title), Calm(r.Next))
	}
	return b.String()
}
