package patches

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/slipway-dev/slipway/internal/conversation"
)

// The kinds of keys.
const (
	kindIssue     = "issue"    // of an issue: its labels and comments
	kindReport    = "report"   // of the issue that a report stands on, and of what it reports
	kindPicks     = "picks"    // of a pull request
	kindPublished = "roll"     // of a repository and a tag that was published; only jobs have it
	kindRollover  = "rolled"   // of a repository and the title of a milestone
	kindCalendar  = "calendar" // of a repository: the days of its schedule
	kindServed    = "served"   // of a repository: what the API tells of it
	kindLabels    = "labels"   // of a repository; only a snapshot has it
)

// key names a snapshot and the job that works on it.
type key struct {
	kind  string
	repo  int64
	issue int // 0 where the key is of a whole repository
	what  string
}

func keyOf(kind string, p conversation.Place) key {
	return key{kind: kind, repo: p.Repo, issue: p.Issue}
}

// of is the key of one of several.
func (k key) of(what string) key {
	k.what = what
	return k
}

func (k key) String() string {
	text := fmt.Sprintf("%s:%d#%d", k.kind, k.repo, k.issue)
	if k.what != "" {
		text += "/=" + k.what
	}
	return text
}

// parseKey is the inverse of String.
func parseKey(text string) (key, error) {
	kind, rest, _ := strings.Cut(text, ":")
	where, what, _ := strings.Cut(rest, "/=")
	repo, issue, err := conversation.ParseKey(where)
	if err != nil || kind == "" {
		return key{}, fmt.Errorf("read the key %s: not KIND:REPOSITORY-ID#NUMBER", strconv.Quote(text))
	}
	return key{kind, repo, issue, what}, nil
}
