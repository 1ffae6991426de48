package release

import "time"

// GiveUp aborts a release that nobody can lead any more because its tracking issue is gone: what can be undone is
// undone, as after `/release abort`. Nobody is answered. A release that is over is left as it is.
func GiveUp(r Release, by Source, reason string) []Event {
	if !r.Open() || r.Aborted != nil {
		return nil
	}
	by.Comment, by.Line = 0, 0
	aborted, refusal := abort(r, Command{Source: by, Verb: "abort", Args: []string{reason}}, Facts{}, time.Time{})
	if refusal != nil {
		return nil
	}
	var events []Event
	for _, event := range aborted {
		if _, answer := event.(Answered); !answer {
			events = append(events, event)
		}
	}
	return events
}
