package parse

import (
	"cmp"
	"fmt"
	"html"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
)

// Block is what the ```release fences of a body say together.
type Block struct {
	// Found says that there is such a fence, be it broken.
	Found bool
	// IntroducedIn and ResolvedIn are the versions that can be read, each once, lowest first.
	IntroducedIn, ResolvedIn []Version
	// WontFix are the release lines that will get no fix, each once, with the reason.
	WontFix []WontFix
	// Incomplete says that a value is empty or still a placeholder (vX.Y.Z), or that nothing says since when. That is
	// no mistake: the issue is not filled in yet.
	Incomplete bool
	// Unfilled are the lines of introduced-in that still hold no version. They are no mistakes of a reader's, so they are
	// not among the problems; bot parse shows them.
	Unfilled []Problem
	// Unclosed says that a fence swallows the rest of the issue: what seems to be missing there may only be hidden.
	Unclosed bool
	// Problems are ordered by line.
	Problems []Problem
	// Corrected is the whole block, fence and all, as it would be read without problems; empty when there are none.
	// What cannot be corrected stands in it as a comment: nothing that was typed gets lost.
	Corrected string
}

// Problem is something that a person should change.
type Problem struct {
	Line int `json:"line"`
	// Message says what is wrong, Suggestion what to type instead.
	Message    string `json:"message"`
	Suggestion string `json:"suggestion"`
	// Warning says that the text was understood all the same.
	Warning bool `json:"-"`
}

// WontFix is a line wont-fix=1.29 REASON of a block.
type WontFix struct {
	Line   int
	Minor  string // 1.29
	Reason string
}

// The keys of the block: the first two as the Kubernetes document has them, the third is ours.
const (
	introducedIn = "introduced-in"
	resolvedIn   = "resolved-in"
	wontFix      = "wont-fix"
)

// mostProblems bounds what one body can make Slipway say.
const mostProblems = 25

// Release reads the ```release fences of a body. The grammar is ours, after the Kubernetes document "Building
// Kubernetes patch releases": lines key=value in a fence whose info string is release and nothing else. Fences in
// quotes, HTML comments and other fences are examples.
func Release(body string) Block { return release(scan(body)) }

func release(lines []line) Block {
	var r reader
	for i := 0; i < len(lines); i++ {
		l := lines[i]
		switch {
		case l.opens:
			i = r.fence(lines, i)
		case l.place == prose && strings.Contains(l.bare, "&"):
			i = r.entities(lines, i)
		}
	}
	if !r.found {
		if r.misnamed == nil {
			return Block{}
		}
		r = *r.misnamed
	}
	r.agree()
	return r.block()
}

// reader gathers what the blocks say.
type reader struct {
	found    bool
	unclosed bool
	claims   []claim
	problems []Problem
	more     int // problems beyond the bound
	// empty holds the keys with a value that is not filled in.
	empty    map[string]bool
	unfilled []Problem
	// misnamed is what the first fence says that holds our keys under another name.
	misnamed *reader
}

// claim is one value under its key.
type claim struct {
	key string
	Version
	// read says that the value counts; else it is only a proposal for the corrected block.
	read bool
	// out says why the value cannot stay in the corrected block; it stays there as a comment.
	out string
}

func (r *reader) problem(p Problem) {
	if len(r.problems) >= mostProblems {
		r.more++
		return
	}
	r.problems = append(r.problems, p)
}

// fence reads the fence that opens at index i and returns the index of its last line.
func (r *reader) fence(lines []line, i int) int {
	last, closed := i, false
	for !closed && last+1 < len(lines) && (lines[last+1].place == code || lines[last+1].closes) {
		last++
		closed = lines[last].closes
	}
	inside := lines[i+1 : last+1]
	mark, length, info := lines[i].opening()
	switch {
	case !strings.EqualFold(info, "release"):
		r.other(lines[i], info, inside)
	case closed:
		r.found = true
		for _, l := range inside[:len(inside)-1] {
			r.line(l.number, l.text)
		}
	default:
		r.found, r.unclosed = true, true
		// The rest of the issue stands in this fence: only what has our keys is read, so that one mistake is answered
		// once.
		end := lines[i].number
		for _, l := range inside {
			if key, _, _ := split(l.text); known(key) {
				r.line(l.number, l.text)
				end = l.number
			}
		}
		r.problem(Problem{
			Line:    lines[i].number,
			Message: "the release block that begins here is never closed, so all that follows is part of it",
			Suggestion: fmt.Sprintf("add a line with %s below line %d",
				strings.Repeat(string(mark), min(length, 20)), end),
		})
	}
	return last
}

// other remembers a fence of another name that holds our keys: somebody mistyped release. A release-note is another
// bot's.
func (r *reader) other(l line, info string, inside []line) {
	if r.misnamed != nil || strings.HasPrefix(strings.ToLower(info), "release-note") {
		return
	}
	keys, example := false, false
	for _, l := range inside {
		key, sign, _ := split(l.text)
		_, _, name, fenced := opens(strings.TrimSpace(l.text))
		keys = keys || sign == "=" && known(key)
		example = example || fenced && strings.EqualFold(name, "release")
	}
	if !keys || example {
		return
	}
	r.misnamed = &reader{}
	for _, l := range inside {
		if key, _, _ := split(l.text); known(key) {
			r.misnamed.line(l.number, l.text)
		}
	}
	for i := range r.misnamed.claims {
		r.misnamed.claims[i].read = false
	}
	name := "has no name"
	if info != "" {
		name = "is called " + show(info)
	}
	r.misnamed.problems, r.misnamed.more = []Problem{{
		Line:       l.number,
		Message:    "this block " + name + ", so it is not read as a release block",
		Suggestion: "```release",
		Warning:    true,
	}}, 0
}

// entities reads a block whose fences are written as HTML entities, as the raw text of the Kubernetes document has
// them, and returns the index of its last line; i when none begins there.
func (r *reader) entities(lines []line, i int) int {
	mark, length, info, ok := opens(plain(lines[i]))
	if !ok || !strings.EqualFold(info, "release") {
		return i
	}
	r.found = true
	r.problem(Problem{
		Line:       lines[i].number,
		Message:    "the fence of this release block is written as HTML entities, so GitHub shows it as text",
		Suggestion: "```release",
	})
	last := i
	for j := i + 1; j < len(lines) && lines[j].place == prose && lines[j].heading < 2; j++ {
		text := plain(lines[j])
		if closes(text, mark, length) {
			return j
		}
		if key, _, _ := split(text); known(key) {
			r.line(lines[j].number, text)
			last = j
		} else if text != "" && text[0] != '#' && !strings.Contains(text, "=") {
			break
		}
	}
	return last
}

// plain is a line without the paragraph tags and entities of HTML.
func plain(l line) string {
	text := strings.TrimSpace(html.UnescapeString(l.bare))
	text = strings.TrimSpace(strings.TrimPrefix(text, "<p>"))
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(text, "</p>"), "<br>"))
}

// block is the answer: the versions that count, and the problems with what to write instead.
func (r *reader) block() Block {
	b := Block{Found: r.found, Unclosed: r.unclosed}
	if r.found {
		b.Unfilled = r.unfilled
	}
	slices.SortStableFunc(r.claims, func(a, b claim) int {
		return cmp.Or(strings.Compare(a.key, b.key), semver.Compare(a.Text, b.Text), cmp.Compare(a.Line, b.Line))
	})
	for _, c := range r.claims {
		switch {
		case !c.read:
		case c.key == introducedIn:
			b.IntroducedIn = append(b.IntroducedIn, c.Version)
		case c.key == wontFix:
			minor, reason, _ := strings.Cut(c.Text, " ")
			b.WontFix = append(b.WontFix, WontFix{c.Line, minor, reason})
		default:
			b.ResolvedIn = append(b.ResolvedIn, c.Version)
		}
	}
	b.Incomplete = r.found && (len(r.empty) > 0 || len(b.IntroducedIn) == 0)
	b.Problems = r.problems
	slices.SortStableFunc(b.Problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	if r.more > 0 {
		b.Problems = append(b.Problems, Problem{
			Line:       b.Problems[len(b.Problems)-1].Line,
			Message:    fmt.Sprintf("there are %d more problems in the release block", r.more),
			Suggestion: "copy the corrected block",
		})
	}
	if len(b.Problems) > 0 {
		b.Corrected = r.corrected()
	}
	return b
}

// corrected writes the block anew. The claims are in order.
func (r *reader) corrected() string {
	var values, comments strings.Builder
	has, noted := map[string]bool{}, 0
	for _, c := range r.claims {
		if c.out == "" {
			if c.key != introducedIn && !has[introducedIn] {
				values.WriteString(introducedIn + "=vX.Y.Z\n")
				has[introducedIn] = true
			}
			has[c.key] = true
			values.WriteString(c.key + "=" + c.Text + "\n")
		} else if noted++; noted <= mostProblems {
			typed := c.Typed
			if c.Text != "" {
				typed = c.key + "=" + c.Text
			}
			fmt.Fprintf(&comments, "# line %d, %s: %s\n", c.Line, c.out, printable(typed))
		}
	}
	if !has[introducedIn] {
		values.WriteString(introducedIn + "=vX.Y.Z\n")
	}
	if !has[resolvedIn] && r.empty[resolvedIn] {
		values.WriteString(resolvedIn + "=vX.Y.Z\n")
	}
	return "```release\n" + values.String() + comments.String() + "```"
}
