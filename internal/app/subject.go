package app

import (
	"strconv"
	"strings"

	"github.com/slipway-dev/slipway/internal/store"
)

// Subject is what the key of a job is about: KIND:REPOSITORY-ID#REST, without KIND: for the job of an issue. rest is
// the number of an issue, behind which /=WHAT may stand: a version, or the title of a milestone, which may hold
// anything. found is false for a job that is about no repository, such as that of a delivery.
func Subject(j store.Job) (kind string, repo int64, rest string, found bool) {
	kind, where, is := strings.Cut(j.Key, ":")
	if !is {
		kind, where = "", j.Key
	}
	id, rest, is := strings.Cut(where, "#")
	repo, err := strconv.ParseInt(id, 10, 64)
	if !is || err != nil || repo <= 0 {
		return "", 0, "", false
	}
	return kind, repo, rest, true
}
