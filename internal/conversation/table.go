package conversation

import (
	"context"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/markdown"
)

// Command is one row of the table of commands: each word stands in it once. Help, documents, suggestions and the
// silence for what is not set up are made of it.
type Command struct {
	// Word is what one types, with its slash: /priority, /release abort. "/release PHASE" takes whatever else follows
	// /release: the phases of the process, and words that are none.
	Word string
	// Usage is what follows the word, About one clause on what it does, Example a whole line.
	Usage, About, Example string
	// Who says in words who may give it; empty where the process of the release says so.
	Who string
	// Where says where it is valid, in words: "a tracking issue".
	Where string
	// First says that it goes before everything else that waits on the issue: it stops things.
	First bool
	// Feature is what it belongs to.
	Feature Feature
	// Do decides and carries out one line. It answers with events for the log of the issue; a refusal is one of them,
	// and an error means that something could not be found out or done. It may be called again for the same line after
	// a crash, and must then come to the same end.
	Do func(ctx context.Context, t *Request) ([]release.Event, error)
}

// hides finds a word of the line that has characters which cannot be seen. A reason is prose, and may have them.
func (c Command) hides(one parse.Command) (word string, found bool) {
	words := one.Words
	if prose := slices.IndexFunc(strings.Fields(c.Usage), isProse); prose >= 0 {
		words = words[:min(len(words), len(strings.Fields(c.Word))+prose)]
	}
	i := slices.IndexFunc(words, func(w string) bool {
		return markdown.Hides(w) && !strings.HasPrefix(strings.ToLower(w), "skip=")
	})
	if i < 0 {
		return "", false
	}
	return words[i], true
}

// isProse says that a word of a usage stands for any number of words.
func isProse(usage string) bool { return usage == "REASON" || usage == "[EVIDENCE]" }

// Feature is what a repository can have set up.
type Feature interface {
	// On says whether it is set up in the repository of the request. Words of a feature that is off may belong to
	// another bot, and are left to it.
	On(ctx context.Context, t *Request) (bool, error)
}

// AnyWord is the last word of the row that takes what no other row of /release does.
const AnyWord = "PHASE"

// Table are all commands, in the order of the documents.
type Table []Command

// Ours are the lines of a comment that begin with a word of the table.
func (t Table) Ours(body string) []parse.Command {
	return slices.DeleteFunc(parse.Commands(body), func(one parse.Command) bool { return !t.knows(one.Words[0]) })
}

func (t Table) knows(word string) bool {
	return slices.ContainsFunc(t, func(c Command) bool { return strings.Fields(c.Word)[0] == word })
}

// row finds the row of a line.
func (t Table) row(one parse.Command) (Command, bool) {
	word := one.Words[0]
	if word == "/release" && len(one.Words) == 1 {
		return t.named("/release help")
	}
	if word == "/release" {
		if c, ok := t.named(word + " " + strings.ToLower(one.Words[1])); ok {
			return c, true
		}
		return t.named(word + " " + AnyWord)
	}
	return t.named(word)
}

func (t Table) named(word string) (Command, bool) {
	if i := slices.IndexFunc(t, func(c Command) bool { return c.Word == word }); i >= 0 {
		return t[i], true
	}
	return Command{}, false
}

// Elsewhere are the commands that belong to other features than f, where those are on.
func (t Table) Elsewhere(ctx context.Context, req *Request, f Feature) ([]release.Verb, error) {
	var out []release.Verb
	on := map[Feature]bool{}
	for _, c := range t {
		if c.Feature == f {
			continue
		}
		if _, asked := on[c.Feature]; !asked {
			is, err := c.Feature.On(ctx, req)
			if err != nil {
				return nil, err
			}
			on[c.Feature] = is
		}
		if on[c.Feature] {
			name := strings.TrimPrefix(c.Word, "/release ")
			out = append(out, release.Verb{Name: name, Usage: c.Usage, About: c.About, Example: c.Example, Who: c.Who})
		}
	}
	return out, nil
}
