package github

import (
	"testing"
	"time"
)

func TestDeliveriesAreReadAsFarAsAsked(t *testing.T) {
	f, app := open(t, Pace{}, routes(map[string]string{
		"GET app/hook/deliveries?per_page=100": "second\n" + `[{"id":4,"guid":"c","event":"issues","action":"opened",` +
			`"delivered_at":"2026-05-04T12:00:00Z","status_code":502,"status":"Bad Gateway","redelivery":true,` +
			`"installation_id":5,"repository_id":6,"throttled_at":"2026-05-04T11:00:00Z"}]`,
		"GET second": "third\n" + `[{"id":3,"delivered_at":"2026-05-04T11:00:00Z"},{"id":2,` +
			`"delivered_at":"2026-05-04T10:00:00Z"}]`,
		"GET third": `[{"id":1,"delivered_at":"2026-05-04T09:00:00Z"}]`,
	}))
	newest := Delivery{ID: 4, GUID: "c", Event: "issues", Action: "opened", DeliveredAt: start, StatusCode: 502,
		Status: "Bad Gateway", Redelivery: true,
		Installation: 5, Repository: 6, ThrottledAt: start.Add(-time.Hour)}
	second := Delivery{ID: 3, DeliveredAt: start.Add(-time.Hour)}
	third := Delivery{ID: 2, DeliveredAt: start.Add(-2 * time.Hour)}
	read := func(pages int) (got []Delivery) {
		for page, err := range app.Deliveries(t.Context(), "") {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, page...)
			if pages--; pages == 0 {
				break
			}
		}
		return got
	}
	same(t, []Delivery{newest}, read(1))
	same(t, 1, len(f.asked))
	same(t, []Delivery{newest, second, third, {ID: 1, DeliveredAt: start.Add(-3 * time.Hour)}}, read(-1))
}

func TestDeliveriesThatFailedAreAskedForAlone(t *testing.T) {
	_, app := open(t, Pace{}, routes(map[string]string{
		"GET app/hook/deliveries?per_page=100&status=failure": `[{"id":2,"status_code":400},{"id":1,"status_code":0}]`,
	}))
	for page, err := range app.Deliveries(t.Context(), "failure") {
		list := must(page, err)(t)
		same(t, []Delivery{{ID: 2, StatusCode: 400}, {ID: 1}}, list)
		same(t, true, list[0].Failed() && list[1].Failed())
	}
	same(t, false, Delivery{StatusCode: 202}.Failed())
}

func TestAPayloadIsReadFromGitHubsOwnLog(t *testing.T) {
	const known = `{"id":1,"guid":"g","event":"issue_comment","status_code":503,"installation_id":5,` +
		`"request":{"headers":{"x-github-event":"issue_comment","X-Hub-Signature":null},` +
		`"payload":{"action":"created"}}}`
	_, app := open(t, Pace{}, routes(map[string]string{
		"GET app/hook/deliveries/1": known,
		"GET app/hook/deliveries/2": `{"id":2,"request":{"headers":null,"payload":null}}`,
		"GET app/hook/deliveries/3": `{"id":3,"request":null}`,
	}))
	got, found, err := app.Delivery(t.Context(), 1)
	same(t, `{"action":"created"}`, string(must(got, err)(t).Payload))
	same(t, true, found)
	same(t, Delivery{ID: 1, GUID: "g", Event: "issue_comment", StatusCode: 503, Installation: 5}, got.Delivery)
	same(t, "issue_comment", got.Header.Get("X-GitHub-Event"))
	for _, dropped := range []int64{2, 3, 4} {
		_, found, err := app.Delivery(t.Context(), dropped)
		same(t, false, must(found, err)(t))
	}
}
