package logcopy

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

const begin, end = "<!-- slipway:copy ", " -->"

// version is that of the format. A copy of another one is refused: it was made by another Slipway.
const version = "1"

// part is one comment's share of a copy.
type part struct {
	subject    Subject
	first      int // number of the first entry of the whole copy
	last       int // of the last
	number, of int // which part, from 1
	key, sig   string
	data       string
	in         int // the comment that it was found in
}

// head is what stands before the signature. All of it is signed.
func (p part) head() string {
	return fmt.Sprintf("v=%s key=%s log=%s repo=%d issue=%d entries=%d-%d part=%d/%d", version, p.key,
		escape(p.subject.Log), p.subject.Repo, p.subject.Issue, p.first, p.last, p.number, p.of)
}

func (p part) text() string { return begin + p.head() + " sig=" + p.sig + " data=" + p.data + end }

// escape makes a word of a log's id that cannot end the HTML comment.
func escape(id string) string {
	return strings.NewReplacer("-", "%2D", "=", "%3D").Replace(url.QueryEscape(id))
}

// shape is a part, whole and in the one way in which text writes it.
func shape() *regexp.Regexp {
	return regexp.MustCompile(`^v=1 key=([0-9a-f]{8}) log=([^ ]+) repo=(\d{1,18}) issue=(\d{1,9}) ` +
		`entries=(\d{1,9})-(\d{1,9}) part=(\d{1,4})/(\d{1,4}) sig=([0-9a-f]{64}) data=([A-Za-z0-9._]*)$`)
}

// In says that a comment holds a part of a copy, or what looks like one.
func In(body string) bool { return strings.Contains("\n"+body, "\n"+begin) }

// read finds the part in a comment. It stands at the beginning of a line: a mark that somebody typed and a reply quotes
// does not. found is false where there is none, ErrDamaged says that it is not whole.
func read(body string) (p part, found bool, err error) {
	_, after, found := strings.Cut("\n"+body, "\n"+begin)
	if !found {
		return part{}, false, nil
	}
	inside, _, whole := strings.Cut(after, end)
	if !whole {
		return part{}, true, ErrDamaged
	}
	if m := regexp.MustCompile(`^v=(\d+) `).FindStringSubmatch(inside); m != nil && m[1] != version {
		return part{}, true, fmt.Errorf("%w: it has the format %s, and this Slipway reads %s", ErrVersion, m[1],
			version)
	}
	m := shape().FindStringSubmatch(inside)
	if m == nil {
		return part{}, true, ErrDamaged
	}
	log, err := url.QueryUnescape(m[2])
	if err != nil {
		return part{}, true, ErrDamaged
	}
	number := func(i int) int { n, _ := strconv.Atoi(m[i]); return n } // the shape leaves only numbers
	p = part{
		subject: Subject{Log: log,
			Issue: number(4)}, first: number(5), last: number(6), number: number(7), of: number(8),
		key: m[1], sig: m[9], data: m[10],
	}
	p.subject.Repo, _ = strconv.ParseInt(m[3], 10, 64)
	if inside != strings.TrimSuffix(strings.TrimPrefix(p.text(), begin), end) {
		return part{}, true, ErrDamaged
	}
	return p, true, nil
}
