package patches

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/slipway-dev/slipway/parse"
)

// format is that of snapshots whose comments are known by id. Those of earlier versions have none, and found their
// comments by marks with the name of the repository.
const format = 1

// adopt takes over the comments of some keys that an earlier version wrote.
func (l *pass) adopt(ctx context.Context, keys ...string) error {
	comments, err := l.gh.Comments(ctx, l.place.Name, l.place.Issue)
	if err != nil {
		return err
	}
	for _, c := range comments {
		if !l.Conversation.Ours(c.Author) {
			continue
		}
		for _, mark := range parse.Markers(c.Body) {
			key, of, _ := strings.Cut(mark, ":")
			if !slices.Contains(keys, key) || !strings.HasSuffix(of, "#"+strconv.Itoa(l.place.Issue)) {
				continue
			}
			if err := l.Conversation.AdoptNote(ctx, l.place, key, c.ID); err != nil {
				return err
			}
		}
	}
	return nil
}
