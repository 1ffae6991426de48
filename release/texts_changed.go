package release

import (
	"fmt"
	"strings"

	"github.com/slipway-dev/slipway/release/markdown"
)

// changesText stands below another text, and tells what a repository took away from the built-in process or put in its
// place: in one phase, or, for an empty name, in all. Empty where nothing was.
func changesText(p Process, phase string) string {
	var b strings.Builder
	for _, c := range p.Changed {
		if phase == "" || c.Phase == phase || c.Phase == "" {
			b.WriteString("\n- ⚠️ " + ChangeText(c))
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "\n" + b.String()
}

// ChangeText is one of them in one sentence. Markdown.
func ChangeText(c Change) string {
	if c.Text != "" {
		return fmt.Sprintf("%s here, unlike in the built-in process: %s.", capitalized(markdown.Text(c.Text)),
			strings.TrimSuffix(markdown.Text(c.Reason), "."))
	}
	what, how := "step", "replaced"
	if c.Gate {
		what = "gate"
	}
	if c.Removed {
		how = "removed"
	}
	return fmt.Sprintf("The %s %s of %s was %s here: %s.", what, markdown.Code(c.What), markdown.Code(c.Phase), how,
		strings.TrimSuffix(markdown.Text(c.Reason), "."))
}
