package github

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// graphqlURL is where the GraphQL API is, beside the REST API at base: https://api.github.com/graphql, and
// https://HOST/api/graphql where REST is https://HOST/api/v3/.
func graphqlURL(base *url.URL) string {
	at := *base
	at.Path = strings.TrimSuffix(strings.TrimSuffix(at.Path, "/"), "/v3") + "/graphql"
	return at.String()
}

// graphqlError is one of the errors of a GraphQL answer, whose HTTP status is 200 all the same.
type graphqlError struct {
	Type    string `json:"type"`
	Message string `json:"message"`
}

// query makes a GraphQL call and reads its data into out.
func (gh *client) query(ctx context.Context, what, text string, variables map[string]string, out any) error {
	if gh.broken != nil {
		return &attempt{what, gh.broken}
	}
	body := map[string]any{"query": text, "variables": variables}
	resp, raw, err := gh.send(ctx, what, http.MethodPost, graphqlURL(gh.api.BaseURL), "", body)
	if err != nil {
		return err
	}
	var answer struct {
		Data   json.RawMessage `json:"data"`
		Errors []graphqlError  `json:"errors"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return &Unknown{What: what, cause: err}
	}
	if len(answer.Errors) > 0 {
		return &attempt{what, answer.Errors[0].refusal(resp, gh.clock())}
	}
	if err := json.Unmarshal(answer.Data, out); err != nil {
		return &Unknown{What: what, cause: err}
	}
	return nil
}

// refusal is the error that the REST API would have answered.
func (e graphqlError) refusal(resp *http.Response, now time.Time) error {
	if e.Type == "RATE_LIMITED" || strings.Contains(strings.ToLower(e.Message), "secondary rate limit") {
		until := now.Add(time.Minute)
		if said := limitIn(resp, now).until; said.After(now) {
			until = said
		}
		return &Limited{Until: until}
	}
	switch e.Type {
	case "NOT_FOUND":
		return &Answer{Status: http.StatusNotFound, Message: e.Message}
	case "FORBIDDEN", "INSUFFICIENT_SCOPES":
		return &Forbidden{Message: e.Message}
	}
	return &Answer{Status: http.StatusUnprocessableEntity, Message: e.Message}
}
