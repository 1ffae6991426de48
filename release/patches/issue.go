package patches

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/semver"

	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release/markdown"
)

// Issue is an issue as the policy reads it.
type Issue struct {
	Number                   int
	Title, Body, State       string
	Labels                   []string
	Milestone                string
	Due                      time.Time // of the milestone
	Author, URL              string
	Assignees                []string
	Pull                     bool
	Created, Updated, Closed time.Time

	// What the body says; Read fills it.
	Block     parse.Block
	Summary   parse.Summary
	Embargoed bool
}

// Read reads what the body says.
func (p Policy) Read(is Issue) Issue {
	is.Block, is.Summary = possible(parse.Release(is.Body)), parse.Template(is.Body)
	is.Embargoed = is.Summary.Embargoed || is.Has(p.Labels.Embargo)
	return is
}

// possible is a block without the lines resolved-in that contradict it: those of a version that is older than what
// introduced the problem on its line, and all but the first of a line. The parser answers them; nothing follows from
// them.
func possible(b parse.Block) parse.Block {
	var kept []parse.Version
	for _, v := range b.ResolvedIn { // lowest first
		same := func(o parse.Version) bool { return MinorOf(o.Text) == MinorOf(v.Text) }
		if !slices.ContainsFunc(kept, same) &&
			!slices.ContainsFunc(b.IntroducedIn,
				func(o parse.Version) bool { return same(o) && semver.Compare(v.Text, o.Text) < 0 }) {
			kept = append(kept, v)
		}
	}
	b.ResolvedIn = kept
	return b
}

// Has says that the issue carries the label.
func (is Issue) Has(label string) bool {
	return label != "" && slices.ContainsFunc(is.Labels, func(l string) bool { return strings.EqualFold(l, label) })
}

// Under are the names of its labels below a prefix: cli for sig/cli.
func (is Issue) Under(prefix string) []string {
	var out []string
	for _, l := range is.Labels {
		if rest, ok := strings.CutPrefix(strings.ToLower(l), prefix); ok {
			out = append(out, rest)
		}
	}
	slices.Sort(out)
	return out
}

// Tracked says that it is an issue of a patch release: it has a release block, or most of the template, or is under
// embargo. Every other issue is none of our business.
func (is Issue) Tracked() bool {
	return !is.Pull && (is.Block.Found || len(is.Summary.Sections) >= 2 || is.Embargoed)
}

// Line is how the issue stands in a list. Of an embargoed one nothing is told but that it is there and who works on it
// (Kubernetes document, "Communicating security fixes to the community").
func (is Issue) Line() string {
	if is.Embargoed {
		return is.link() + " security fix: " + markdown.Login(is.Author) + " is working with the security team"
	}
	return is.link() + " " + markdown.Text(is.Title)
}

// Owner are the people whose turn it is: the assignees, else the author.
func (is Issue) Owner() string {
	if len(is.Assignees) == 0 {
		return markdown.Login(is.Author)
	}
	out := make([]string, len(is.Assignees))
	for i, login := range is.Assignees {
		out[i] = markdown.Login(login)
	}
	return strings.Join(out, ", ")
}

// link is the issue's number, which leads there.
func (is Issue) link() string { return "[#" + number(is.Number) + "](" + is.URL + ")" }

func number(n int) string { return strconv.Itoa(n) }
