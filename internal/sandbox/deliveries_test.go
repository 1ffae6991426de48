package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slipway-dev/slipway/internal/sandbox"
)

// receiver changes what the receiver of webhooks answers.
func (st *stage) receiver(status int) {
	st.Flush()
	st.mu.Lock()
	defer st.mu.Unlock()
	st.answer = status
}

// itself makes a request as the App itself, by its JWT.
func (st *stage) itself(want int, method, path string) map[string]any {
	st.t.Helper()
	return st.must(st.jwt(), want, method, path, nil)
}

// issues opens issues, each of which is a delivery.
func (st *stage) issues(titles ...string) {
	st.t.Helper()
	for _, title := range titles {
		st.as("eve", 201, "POST", repo+"/issues", m{"title": title})
	}
	st.Flush()
}

func TestTheListOfDeliveriesIsReadByItsCursorAlone(t *testing.T) {
	st := open(t)
	st.issues("1", "2", "3", "4", "5")
	path, seen := "/app/hook/deliveries?per_page=2", 0
	for pages := 0; path != ""; pages++ {
		resp := st.raw(t, st.jwt(), "GET", path, nil, nil)
		_ = resp.Body.Close()
		_, page := st.call(t, st.jwt(), "GET", path, nil)
		seen += len(page["list"].([]any))
		link := resp.Header.Get("Link")
		next := strings.Contains(link, `rel="next"`) && strings.Contains(link, "cursor=v1_")
		if link != "" && (!next || strings.Contains(link, "last")) {
			t.Errorf("the link is %s", link)
		}
		path = ""
		if link != "" {
			path = strings.TrimPrefix(link[1:strings.Index(link, ">")], st.url+"/api/v3")
		}
		if pages > 3 {
			t.Fatal("the list has no end")
		}
	}
	want(t, seen, 5, "deliveries")
	st.itself(422, "GET", "/app/hook/deliveries?cursor=nonsense")
}

func TestFailedDeliveriesAreListedApart(t *testing.T) {
	st := open(t)
	st.issues("good")
	st.receiver(http.StatusBadGateway)
	st.issues("bad")
	failed := st.itself(200, "GET", "/app/hook/deliveries?status=failure")["list"]
	row := at(failed, "0")
	want(t, len(failed.([]any)), 1, "failures")
	want(t, []any{at(row, "status"), at(row, "redelivery")}, "[Invalid HTTP Response: 502 false]", "the failure")
	want(t, at(row, "installation_id"), float64(st.InstallationOf("acme")), "the installation")
	want(t, at(row, "repository_id"), st.app(200, "GET", repo, nil)["id"], "the repository")
	st.receiver(0)
	st.itself(202, "POST", "/app/hook/deliveries/"+text(at(row, "id"))+"/attempts")
	st.Flush()
	good := st.itself(200, "GET", "/app/hook/deliveries?status=success")["list"]
	want(t, len(good.([]any)), 2, "successes")
	want(t, []any{at(good, "0", "redelivery"), at(good, "0", "guid")}, []any{true, at(row, "guid")}, "the newest")
}

func TestASingleDeliveryHasItsPayloadUntilGitHubForgetsIt(t *testing.T) {
	st := open(t)
	st.issues("a", "b")
	list := st.Delivered()
	path := "/app/hook/deliveries/" + text(float64(list[0].ID))
	one := st.itself(200, "GET", path)
	want(t, at(one, "request", "payload", "issue", "title"), "a", "the payload")
	want(t, at(one, "request", "headers", "X-Github-Delivery"), list[0].GUID, "the header")
	want(t, at(one, "response", "payload"), "taken", "the answer")
	st.ForgetPayload(list[0].ID)
	st.itself(404, "GET", path)
	want(t, len(st.itself(200, "GET", "/app/hook/deliveries")["list"].([]any)), 2, "the list still names it")
	st.itself(202, "POST", path+"/attempts")
	st.RefuseRedelivery(list[1].ID)
	st.itself(422, "POST", "/app/hook/deliveries/"+text(float64(list[1].ID))+"/attempts")
}

func TestDeliveriesAreKeptForThreeDays(t *testing.T) {
	st := open(t)
	st.issues("old")
	st.now = st.now.Add(sandbox.Retention)
	st.issues("new")
	old := st.Delivered()[0]
	want(t, len(st.itself(200, "GET", "/app/hook/deliveries")["list"].([]any)), 2, "after three days")
	st.now = st.now.Add(time.Second)
	want(t, len(st.itself(200, "GET", "/app/hook/deliveries")["list"].([]any)), 1, "after that")
	st.itself(404, "GET", "/app/hook/deliveries/"+text(float64(old.ID)))
	st.itself(404, "POST", "/app/hook/deliveries/"+text(float64(old.ID))+"/attempts")
}

func TestAListOfDeliveriesCanBeCutShort(t *testing.T) {
	st := open(t)
	st.issues("1", "2", "3")
	st.ShortenDeliveries(2)
	want(t, len(st.itself(200, "GET", "/app/hook/deliveries")["list"].([]any)), 2, "the newest")
	st.ShortenDeliveries(0)
	want(t, len(st.itself(200, "GET", "/app/hook/deliveries")["list"].([]any)), 3, "all")
}
