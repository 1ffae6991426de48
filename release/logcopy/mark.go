package logcopy

import (
	"fmt"
	"regexp"
	"strconv"
)

// Mark is the hidden mark of a comment: the log stood at the entry seq when it was written.
func (k Keys) Mark(s Subject, seq int) string {
	if k.None() {
		return ""
	}
	return fmt.Sprintf("<!-- slipway:log=%d.%s.%s -->", seq, k.all[0].id, k.all[0].signMark(s, seq))
}

func (k key) signMark(s Subject, seq int) string {
	return k.sign("mark", escape(s.Log), strconv.FormatInt(s.Repo, 10), strconv.Itoa(s.Issue), strconv.Itoa(seq))
}

// Newest is the highest number that a mark of the log carries; 0 when there is none. Marks that we did not sign count
// nothing, or anybody could keep a log from being restored.
func (k Keys) Newest(s Subject, comments []string) int {
	mark := regexp.MustCompile(`<!-- slipway:log=(\d{1,9})\.([0-9a-f]{8})\.([0-9a-f]{64}) -->`)
	newest := 0
	for _, body := range comments {
		for _, m := range mark.FindAllStringSubmatch(body, -1) {
			seq, err := strconv.Atoi(m[1])
			one, known := k.known(m[2])
			if err == nil && known && same(one.signMark(s, seq), m[3]) {
				newest = max(newest, seq)
			}
		}
	}
	return newest
}
