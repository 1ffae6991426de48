package contract

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
)

// An Example is one real payload that GitHub has sent.
type Example struct {
	Event string // "issue_comment"
	Name  string // "issue_comment.created #2", unique
	// Payload is the body of the delivery.
	Payload []byte
}

// handled are the events that the bot or a release manager's sandbox has to do with.
func handled() []string {
	return []string{
		"check_run", "check_suite", "create", "delete", "installation", "installation_repositories", "issue_comment",
		"issues", "label", "milestone", "ping", "pull_request", "push", "release", "repository", "team", "workflow_job",
		"workflow_run",
	}
}

// Examples returns every payload of @octokit/webhooks-examples for the events that Slipway handles, in a stable order.
// That package has none of repository_ruleset, which is younger. The payloads are shared: do not write to them.
func Examples() ([]Example, error) { return loadExamples() }

var loadExamples = sync.OnceValues(func() ([]Example, error) {
	data, err := read("webhooks-examples/api.github.com/index.json")
	if err != nil {
		return nil, err
	}
	var events []struct {
		Name     string            `json:"name"`
		Examples []json.RawMessage `json:"examples"`
	}
	if err := json.Unmarshal(data, &events); err != nil {
		return nil, fmt.Errorf("read the examples of webhooks: %w", err)
	}
	wanted := handled()
	var all []Example
	for _, event := range events {
		if !slices.Contains(wanted, event.Name) {
			continue
		}
		count := make(map[string]int)
		for _, payload := range event.Examples {
			var p struct {
				Action string `json:"action"`
			}
			if err := json.Unmarshal(payload, &p); err != nil {
				return nil, fmt.Errorf("read an example of webhook %s: %w", event.Name, err)
			}
			name := event.Name
			if p.Action != "" {
				name += "." + p.Action
			}
			count[name]++
			all = append(all, Example{Event: event.Name, Name: fmt.Sprintf("%s #%d", name, count[name]),
				Payload: payload})
		}
	}
	return all, nil
})
