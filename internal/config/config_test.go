package config

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func none(string) (string, bool) { return "", false }

func TestTheExampleLoadsAsItIs(t *testing.T) {
	data, err := os.ReadFile("../../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Load(data, none, []string{"falco-libs"})
	if err != nil {
		t.Fatalf("config.example.yaml is refused:\n%v", err)
	}
	want := Config{
		Listen: ":8080", Database: "sqlite:/var/lib/slipway/slipway.db", Poll: "2m", Log: "info",
		ModuleProxy: "https://proxy.golang.org",
		Registries:  []string{"docker.io", "ghcr.io", "quay.io", "registry.aetherproject.org", "registry.k8s.io"},
		API:         API{PerMinute: 60},
		Pace:        Pace{PerMinute: 80, PerHour: 500},
		GitHub: GitHub{
			AppID: 123456, PrivateKeyFile: "/etc/slipway/private-key.pem",
			WebhookSecrets: []string{"replace-me-with-a-long-random-secret"}, API: "https://api.github.com/",
		},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("config.example.yaml (-want +got):\n%s", diff)
	}
}

func TestAMistakeIsAnsweredWithFieldLineAndFix(t *testing.T) {
	const good = "github:\n  app-id: 1\n  private-key-file: k.pem\n  webhook-secrets: [s]\n"
	for _, tc := range []struct{ name, file, want string }{
		{"an unknown field", good + "listne: x\n", "line 5, listne:"},
		{"a database of another make", good + "database: mysql://x\n",
			"line 5, database: that is neither SQLite nor PostgreSQL; write sqlite:PATH"},
		{"an API address without its last slash",
			"github:\n  app-id: 1\n  private-key-file: k\n  webhook-secrets: [s]\n  api: https://api.github.com\n",
			"line 5, github.api:"},
		{"an empty secret", "github:\n  app-id: 1\n  private-key-file: k\n  webhook-secrets: [\"\"]\n",
			"line 4, github.webhook-secrets: a webhook secret is missing or empty"},
		{"a short recovery key", good + "recovery:\n  keys: [short]\n",
			"line 6, recovery.keys: a key has fewer than 32 characters"},
		{"no App", "listen: :80\n", "github.app-id: the App's id is missing; copy the number"},
		{"a process that is none", good + "default-process: falco\n",
			"line 5, default-process: \"falco\" is no built-in process; write one of falco-libs"},
		{"a registry with a path", good + "registries: [ghcr.io/acme]\n",
			"line 5, registries: \"ghcr.io/acme\" is no registry; write its name alone"},
		{"an internal host with its scheme", good + "internal-hosts: [\"https://registry.example.org\"]\n",
			"line 5, internal-hosts: \"https://registry.example.org\" is no host; write its name alone"},
		{"no requests", good + "api: {per-minute: 0}\n", "line 5, api.per-minute: it must be above zero"},
		{"a proxy by its name", good + "api: {proxies: [nginx]}\n",
			"line 5, api.proxies: \"nginx\" is no address and no network; write for example 10.0.0.7"},
		{"text that is not YAML", "listen: [\n", "line 1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Load([]byte(tc.file), none, []string{"falco-libs"})
			var problems Problems
			if !errors.As(err, &problems) {
				t.Fatalf("Load answered %v, want problems", err)
			}
			if !strings.Contains(err.Error(), tc.want) {
				t.Errorf("the answer is\n%v\nand should hold\n%s", err, tc.want)
			}
		})
	}
}

func TestTheEnvironmentWins(t *testing.T) {
	env := map[string]string{
		"SLIPWAY_GITHUB_APP_ID": "7", "SLIPWAY_GITHUB_PRIVATE_KEY": "-----BEGIN RSA PRIVATE KEY-----",
		"SLIPWAY_GITHUB_WEBHOOK_SECRETS": "new,old", "DATABASE_URL": "postgres://h/n",
		"SLIPWAY_REGISTRIES": "ghcr.io,registry.example.org:5000", "SLIPWAY_INTERNAL_HOSTS": "registry.example.org",
		"SLIPWAY_API_PER_MINUTE": "7", "SLIPWAY_API_PROXIES": "10.0.0.7,fd00::/8",
		"SLIPWAY_RECOVERY_KEYS": "a-new-key-of-thirty-two-characters,an-old-key-of-thirty-two-characters",
	}
	c, err := Load(nil, func(name string) (string, bool) { v, ok := env[name]; return v, ok }, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.GitHub.AppID, int64(7); got != want {
		t.Errorf("app id is %d, want %d", got, want)
	}
	if diff := cmp.Diff([]string{"new", "old"}, c.GitHub.WebhookSecrets); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
	keys := []string{"a-new-key-of-thirty-two-characters", "an-old-key-of-thirty-two-characters"}
	if diff := cmp.Diff(keys, c.Recovery.Keys); diff != "" {
		t.Errorf("recovery keys (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"ghcr.io", "registry.example.org:5000"}, c.Registries); diff != "" {
		t.Errorf("registries (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"registry.example.org"}, c.InternalHosts); diff != "" {
		t.Errorf("internal hosts (-want +got):\n%s", diff)
	}
	if got := fmt.Sprint(c.API.PerMinute, c.API.Networks()); got != "7 [10.0.0.7/32 fd00::/8]" {
		t.Errorf("the API has %s", got)
	}
	if c.Database != "postgres://h/n" {
		t.Errorf("database is %s, want the one of DATABASE_URL", c.Database)
	}
}

func TestMistakesInChannelsAreNamed(t *testing.T) {
	const head = "github: {app-id: 1, private-key-file: k.pem, webhook-secrets: [s]}\nchannels:\n"
	good := head + "  - {name: slack, kind: slack, repos: [kata-containers/*], url-from: SLACK_URL}\n  - {name: " +
		"mail, kind: mail, repos: [a/b], server: smtp.example.org:587, from: A <a@example.org>, to: [b@example.org]}\n"
	environment := func(name string) (string, bool) { return "https://hooks.example.org/x", name == "SLACK_URL" }
	c, err := Load([]byte(good), environment, nil)
	if err != nil || c.Channels[0].URL != "https://hooks.example.org/x" {
		t.Errorf("%+v, %v", c.Channels, err)
	}
	for _, tc := range []struct{ entry, want string }{
		{"  - {name: slack, kind: slak, repos: [a/b]}\n",
			"line 3, channels[0].kind: \"slak\" is no kind of channel; write slack, webhook or mail"},
		{"  - {name: slack, kind: slack, repos: [a/b], url: hooks}\n",
			"channels[0].url: that is no address"},
		{"  - {name: slack, kind: slack, url-from: NOT_SET, repos: [a/b]}\n",
			"the environment variable NOT_SET is not set"},
		{"  - {name: slack, kind: slack, url: \"https://x.org\"}\n",
			"channels[0].repos: no repository may speak in it"},
		{"  - {kind: slack, repos: [a/b], url: \"https://x.org\"}\n",
			"channels[0].name: it is missing"},
		{"  - {name: m, kind: mail, repos: [a/b], server: smtp, from: a@b.org, to: [c@d.org]}\n",
			"channels[0].server: \"smtp\" is no mail server"},
		{"  - {name: m, kind: mail, repos: [a/b], server: \"smtp:25\", from: nobody, to: [c@d.org]}\n",
			"channels[0].from: \"nobody\" is no address of a mail"},
		{"  - {name: m, kind: mail, repos: [a/b], server: \"smtp:25\", from: a@b.org}\n",
			"channels[0].to: nobody gets it"},
	} {
		if _, err := Load([]byte(head+tc.entry), func(string) (string, bool) { return "", false }, nil); err == nil ||
			!strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s is answered %v, want %q", tc.entry, err, tc.want)
		}
	}
}
