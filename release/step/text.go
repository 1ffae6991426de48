package step

import (
	"strings"

	"github.com/slipway-dev/slipway/release/markdown"
)

// short is how a SHA stands in a sentence.
func short(sha string) string {
	if len(sha) > 8 {
		return sha[:8]
	}
	return sha
}

// Revision writes a branch as it is, and a commit short.
func Revision(rev string) string {
	if IsCommit(rev) {
		return short(rev)
	}
	return rev
}

// commit is how a SHA stands in a plan, which people sign: with all of its digits. GitHub would shorten it outside of
// inline code.
func commit(sha string) string { return markdown.Code(sha) }

// commitOf is a commit of a pull request, with a link to it.
func commitOf(p Pull, sha string) string {
	return "[" + commit(sha) + "](" + p.URL + "/commits/" + sha + ")"
}

// lines are the entries of a list parameter.
func lines(text string) []string {
	var out []string
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

func writes(repo string, sentences ...string) []Write {
	out := make([]Write, len(sentences))
	for i, s := range sentences {
		out[i] = Write{Repo: repo, Text: s}
	}
	return out
}

// unless plans nothing for an effect that is there, or that something is in the way of which a step before this one may
// take away.
func unless(o Outcome, err error, planned func() []Write) ([]Write, error) {
	if err != nil || o.State != Absent {
		return nil, err
	}
	return planned(), nil
}

// certainly is unless for what no step before this one changes: what is in the way stops the plan.
func certainly(o Outcome, err error, planned func() []Write) ([]Write, error) {
	if err == nil && o.State == Conflict {
		return nil, &Stop{Why: o.Why, Fix: o.Fix}
	}
	return unless(o, err, planned)
}
