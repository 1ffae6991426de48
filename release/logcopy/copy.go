package logcopy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// What Decode refuses. Each error is a sentence without its full stop; errors that wrap one say more.
var (
	ErrNone       = errors.New("there is no copy of a log on the issue")
	ErrDamaged    = errors.New("a copy of the log is damaged: somebody edited the comment, or it was cut")
	ErrVersion    = errors.New("the copy was written by another version of Slipway")
	ErrKey        = errors.New("the copy is signed with a key that is not configured")
	ErrForged     = errors.New("the signature of a copy is wrong: the comment was changed after Slipway wrote it")
	ErrForeign    = errors.New("the copy belongs to another issue")
	ErrMixed      = errors.New("the comments hold parts of different copies")
	ErrIncomplete = errors.New("a part of the copy is missing")
)

// Encode makes the copy of a log: one text for each comment. The entries are all of them, from the first on. least is
// how many parts there are at least: a copy never shrinks, since comments of an older one would be left over.
func (k Keys) Encode(s Subject, entries []Entry, least int) ([]string, error) {
	return k.encode(s, entries, least, longest)
}

func (k Keys) encode(s Subject, entries []Entry, least, size int) ([]string, error) {
	if k.None() {
		return nil, errors.New("copy a log: there is no key to sign it with")
	}
	if len(entries) == 0 {
		return nil, errors.New("copy a log: it is empty")
	}
	data, err := pack(entries)
	if err != nil {
		return nil, err
	}
	n := max(least, (len(data)+size-1)/size, 1)
	each := (len(data) + n - 1) / n
	var texts []string
	for i := range n {
		p := part{
			subject: s, first: 1, last: entries[len(entries)-1].Seq, number: i + 1, of: n, key: k.all[0].id,
			data: data[min(i*each, len(data)):min((i+1)*each, len(data))],
		}
		p.sig = k.all[0].sign("copy", p.head(), p.data)
		texts = append(texts, p.text())
	}
	return texts, nil
}

// Copy is the newest copy of the log of an issue, verified.
type Copy struct {
	Subject Subject
	Entries []Entry // from the first on
	In      []int   // the comments that hold its parts, by their index
}

// Decode finds the newest copy of the log of an issue among comments, verifies it, and reads it. Comments without a
// copy are passed over. Copies of several ages may be there, and each has to be signed; the one with the highest last
// entry has to be whole. The id of the log comes from the copy, since logs of older versions have other ids than new
// ones.
func (k Keys) Decode(repo int64, issue int, comments []string) (Copy, error) {
	var parts []part
	for i, body := range comments {
		p, found, err := read(body)
		if err != nil {
			return Copy{}, err
		}
		if !found {
			continue
		}
		if err := k.verify(p, repo, issue); err != nil {
			return Copy{}, err
		}
		p.in = i
		parts = append(parts, p)
	}
	if len(parts) == 0 {
		return Copy{}, ErrNone
	}
	newest, err := newestOf(parts)
	if err != nil {
		return Copy{}, err
	}
	data, whole, err := joinAny(newest)
	if err != nil {
		return Copy{}, err
	}
	c := Copy{Subject: whole[0].subject}
	for _, p := range whole {
		c.In = append(c.In, p.in)
	}
	c.Entries, err = unpack(data, whole[0].last)
	return c, err
}

// verify holds a part against its signature, and then against the issue that it was found on.
func (k Keys) verify(p part, repo int64, issue int) error {
	one, known := k.known(p.key)
	switch {
	case !known:
		return fmt.Errorf("%w: the key %s", ErrKey, p.key)
	case !same(one.sign("copy", p.head(), p.data), p.sig):
		return ErrForged
	case p.subject.Repo != repo || p.subject.Issue != issue:
		return fmt.Errorf("%w: to #%d of the repository with the id %d", ErrForeign, p.subject.Issue, p.subject.Repo)
	}
	return nil
}

// newestOf are the parts of the copies that end last, each with those that belong together: the same entries may have
// been copied twice, into different numbers of parts.
func newestOf(parts []part) ([][]part, error) {
	last := 0
	for _, p := range parts {
		if p.subject.Log != parts[0].subject.Log {
			return nil, fmt.Errorf("%w: of the logs %s and %s", ErrMixed, parts[0].subject.Log, p.subject.Log)
		}
		last = max(last, p.last)
	}
	var groups [][]part
	for _, p := range parts {
		if p.last != last {
			continue
		}
		i := slices.IndexFunc(groups, func(g []part) bool { return g[0].of == p.of })
		if i < 0 {
			groups = append(groups, []part{p})
			continue
		}
		groups[i] = append(groups[i], p)
	}
	return groups, nil
}

// joinAny is the first copy of which all parts are there; the error is that of the first.
func joinAny(groups [][]part) (string, []part, error) {
	var failed error
	for _, group := range groups {
		data, err := join(group)
		if err == nil {
			return data, group, nil
		}
		if failed == nil {
			failed = err
		}
	}
	return "", nil, failed
}

// join puts the parts of one copy together.
func join(parts []part) (string, error) {
	first := parts[0]
	in := make([]string, first.of)
	there := make([]bool, first.of)
	for _, p := range parts {
		if p.number < 1 || p.number > p.of || there[p.number-1] && in[p.number-1] != p.data {
			return "", fmt.Errorf("%w: part %d is there twice", ErrMixed, p.number)
		}
		in[p.number-1], there[p.number-1] = p.data, true
	}
	for i, have := range there {
		if !have {
			return "", fmt.Errorf("%w: part %d of %d", ErrIncomplete, i+1, first.of)
		}
	}
	return strings.Join(in, ""), nil
}
