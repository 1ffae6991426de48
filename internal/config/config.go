// Package config reads the configuration of the server: a YAML file, each field also by environment. A mistake is
// answered with the field, the line, and the fix, before anything starts.
package config

import (
	"errors"
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/slipway-dev/slipway/internal/registry"
)

// Config is the configuration of the server. docs/configuration.md describes each field.
type Config struct {
	// Listen is the address of the HTTP server.
	Listen string `yaml:"listen"`
	// GitHub is the App.
	GitHub GitHub `yaml:"github"`
	// Database is sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME.
	Database string `yaml:"database"`
	// DefaultProcess serves repositories without a .github/release.yaml; empty for none.
	DefaultProcess string `yaml:"default-process"`
	// Poll is how often a waiting release looks again, for events that never came: 2m.
	Poll string `yaml:"poll"`
	// ModuleProxy is the Go module proxy that tags of Go modules are looked at through: an address, or "off" for none.
	ModuleProxy string `yaml:"module-proxy"`
	// Registries are those of images and charts that may be asked; processes and charts name images in them.
	Registries []string `yaml:"registries"`
	// InternalHosts are hosts that may have addresses that are not public: a registry in the network of the operator.
	InternalHosts []string `yaml:"internal-hosts"`
	// API is Slipway's own for programs.
	API API `yaml:"api"`
	// Pace bounds the content-creating calls.
	Pace Pace `yaml:"pace"`
	// Log is the level: debug, info, warn, error.
	Log string `yaml:"log"`
	// Channels are where announcements go.
	Channels []Channel `yaml:"channels"`
	// Recovery is about the copies of logs on tracking issues.
	Recovery Recovery `yaml:"recovery"`
}

// API bounds what strangers ask of Slipway's own API.
type API struct {
	// PerMinute is how many requests each client may make in a minute.
	PerMinute int `yaml:"per-minute"`
	// Proxies are the addresses or networks of proxies in front of Slipway, whose X-Forwarded-For is believed.
	Proxies []string `yaml:"proxies"`
}

// Networks are Proxies as networks; check has made sure that they are.
func (a API) Networks() (out []netip.Prefix) {
	for _, text := range a.Proxies {
		if p, err := network(text); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// network reads an address or a network.
func network(text string) (netip.Prefix, error) {
	if at, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(at, at.BitLen()), nil
	}
	return netip.ParsePrefix(text)
}

// Recovery is what `bot recover` needs.
type Recovery struct {
	// Keys sign the copies of logs: the first one, and all of them verify. Without keys no copies are kept.
	Keys []string `yaml:"keys"`
}

// ShortestKey is how many characters a recovery key has at least: copies are public, so keys must not be guessed.
const ShortestKey = 32

// Channel is where announcements go. A secret is given here or in the environment variable that the field names.
type Channel struct {
	Name string `yaml:"name"`
	// Kind is slack, webhook or mail.
	Kind string `yaml:"kind"`
	// Repos are patterns of repositories that may speak in it.
	Repos []string `yaml:"repos"`
	// URLFrom and SecretFrom name environment variables: Slack's address is a secret itself.
	URL        string `yaml:"url"`
	URLFrom    string `yaml:"url-from"`
	SecretFrom string `yaml:"secret-from"`
	// The rest is for mail.
	Server       string   `yaml:"server"`
	User         string   `yaml:"user"`
	PasswordFrom string   `yaml:"password-from"`
	From         string   `yaml:"from"`
	To           []string `yaml:"to"`

	// Secret and Password are what the variables held.
	Secret, Password string `yaml:"-"`
}

// GitHub is the App, as GitHub shows it on its settings page.
type GitHub struct {
	AppID int64 `yaml:"app-id"`
	// PrivateKeyFile is the path of the PEM file; PrivateKey its content, for environments without files.
	PrivateKeyFile string `yaml:"private-key-file"`
	PrivateKey     string `yaml:"private-key"`
	// WebhookSecrets are accepted: the new one first, and the old one while it is being replaced.
	WebhookSecrets []string `yaml:"webhook-secrets"`
	// API is https://api.github.com/, or https://HOST/api/v3/ of a GitHub Enterprise Server.
	API string `yaml:"api"`
}

// Pace are the bounds that GitHub documents for content-creating calls: 80 a minute, 500 an hour.
type Pace struct {
	PerMinute int `yaml:"per-minute"`
	PerHour   int `yaml:"per-hour"`
}

// NoModuleProxy is the value that asks no proxy: for modules that are private.
const NoModuleProxy = "off"

// Problem is one mistake.
type Problem struct {
	Field string
	Line  int // 0 when the field is not in the file
	What  string
	Fix   string
}

// Problems are all mistakes of one configuration.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		where := one.Field
		if one.Line > 0 {
			where = fmt.Sprintf("line %d, %s", one.Line, one.Field)
		}
		lines[i] = fmt.Sprintf("%s: %s; %s", where, one.What, one.Fix)
	}
	return strings.Join(lines, "\n")
}

// variables is the table of the environment: name, field, and how it is set.
var variables = []struct {
	name, field string
	set         func(*Config, string) error
}{
	{"SLIPWAY_LISTEN", "listen", func(c *Config, v string) error { c.Listen = v; return nil }},
	{"SLIPWAY_GITHUB_APP_ID", "github.app-id", func(c *Config, v string) (err error) {
		c.GitHub.AppID, err = strconv.ParseInt(v, 10, 64)
		return err
	}},
	{"SLIPWAY_GITHUB_PRIVATE_KEY_FILE", "github.private-key-file",
		func(c *Config, v string) error { c.GitHub.PrivateKeyFile = v; return nil }},
	{"SLIPWAY_GITHUB_PRIVATE_KEY", "github.private-key",
		func(c *Config, v string) error { c.GitHub.PrivateKey = v; return nil }},
	{"SLIPWAY_GITHUB_WEBHOOK_SECRETS", "github.webhook-secrets", func(c *Config, v string) error {
		c.GitHub.WebhookSecrets = strings.Split(v, ",")
		return nil
	}},
	{"SLIPWAY_GITHUB_API", "github.api", func(c *Config, v string) error { c.GitHub.API = v; return nil }},
	{"SLIPWAY_DEFAULT_PROCESS", "default-process",
		func(c *Config, v string) error { c.DefaultProcess = v; return nil }},
	{"SLIPWAY_POLL", "poll", func(c *Config, v string) error { c.Poll = v; return nil }},
	{"SLIPWAY_MODULE_PROXY", "module-proxy", func(c *Config, v string) error { c.ModuleProxy = v; return nil }},
	{"SLIPWAY_REGISTRIES", "registries", func(c *Config, v string) error {
		c.Registries = strings.Split(v, ",")
		return nil
	}},
	{"SLIPWAY_INTERNAL_HOSTS", "internal-hosts", func(c *Config, v string) error {
		c.InternalHosts = strings.Split(v, ",")
		return nil
	}},
	{"SLIPWAY_API_PER_MINUTE", "api.per-minute",
		func(c *Config, v string) (err error) { c.API.PerMinute, err = strconv.Atoi(v); return err }},
	{"SLIPWAY_API_PROXIES", "api.proxies", func(c *Config, v string) error {
		c.API.Proxies = strings.Split(v, ",")
		return nil
	}},
	{"SLIPWAY_PACE_PER_MINUTE", "pace.per-minute", func(c *Config, v string) (err error) {
		c.Pace.PerMinute,
			err = strconv.Atoi(v)
		return err
	}},
	{"SLIPWAY_PACE_PER_HOUR", "pace.per-hour",
		func(c *Config, v string) (err error) { c.Pace.PerHour, err = strconv.Atoi(v); return err }},
	{"SLIPWAY_RECOVERY_KEYS", "recovery.keys", func(c *Config, v string) error {
		c.Recovery.Keys = strings.Split(v, ",")
		return nil
	}},
	{"SLIPWAY_LOG", "log", func(c *Config, v string) error { c.Log = v; return nil }},
	{"DATABASE_URL", "database", func(c *Config, v string) error { c.Database = v; return nil }},
}

// Load reads the file (none when data is nil), lays the environment over it, fills the defaults, and checks. The
// error is Problems, all of them at once.
func Load(data []byte, environment func(string) (string, bool), processes []string) (Config, error) {
	c := Config{
		Listen: ":8080", Database: "sqlite:slipway.db", Poll: "2m", Log: "info",
		ModuleProxy: "https://proxy.golang.org", Registries: registry.Public(), API: API{PerMinute: 60},
		GitHub: GitHub{API: "https://api.github.com/"}, Pace: Pace{PerMinute: 80, PerHour: 500},
	}
	var lines func(string) int
	if data != nil {
		file, err := parser.ParseBytes(data, 0)
		if err != nil {
			return c, syntax(err)
		}
		if err := yaml.UnmarshalWithOptions(data, &c, yaml.Strict()); err != nil {
			return c, syntax(err)
		}
		lines = lineOf(file)
	} else {
		lines = func(string) int { return 0 }
	}
	var problems Problems
	for _, v := range variables {
		value, set := environment(v.name)
		if !set || value == "" {
			continue
		}
		if err := v.set(&c, value); err != nil {
			problems = append(problems, Problem{Field: v.name, What: strconv.Quote(value) + " cannot be read",
				Fix: "it takes what " + v.field + " takes: a number"})
		}
	}
	problems = append(problems, c.channels(lines, environment)...)
	problems = append(problems, c.check(lines, processes)...)
	if len(problems) > 0 {
		return c, problems
	}
	return c, nil
}

// channels reads the secrets of the channels, and names what is wrong with them.
func (c Config) channels(line func(string) int, environment func(string) (string, bool)) Problems {
	var out Problems
	for i := range c.Channels {
		ch := &c.Channels[i]
		at := fmt.Sprintf("channels[%d]", i)
		wrong := func(field, what, fix string) {
			out = append(out, Problem{at + "." + field, line(at + "." + field), what, fix})
		}
		from := func(field, variable string, into *string) {
			if variable == "" {
				return
			}
			value, set := environment(variable)
			if !set || value == "" {
				wrong(field, "the environment variable "+variable+" is not set", "set it, or take the line away")
			}
			*into = value
		}
		from("url-from", ch.URLFrom, &ch.URL)
		from("secret-from", ch.SecretFrom, &ch.Secret)
		from("password-from", ch.PasswordFrom, &ch.Password)
		if ch.Name == "" ||
			slices.ContainsFunc(c.Channels[:i],
				func(o Channel) bool { return o.Name == ch.Name && slices.Equal(o.Repos, ch.Repos) }) {
			wrong("name", "it is missing, or another channel for the same repositories has it",
				"give it a name of its own, for example slack")
		}
		if len(ch.Repos) == 0 {
			wrong("repos", "no repository may speak in it", "name them, for example [kata-containers/*]")
		}
		switch u, err := url.Parse(ch.URL); ch.Kind {
		case "slack", "webhook":
			if (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") && ch.URLFrom == "" {
				wrong("url", "that is no address",
					"write https://..., or name the environment variable that holds it: url-from: SLACK_URL")
			}
		case "mail":
			if _, port, ok := strings.Cut(ch.Server, ":"); !ok || port == "" {
				wrong("server", strconv.Quote(ch.Server)+" is no mail server",
					"write HOST:PORT, for example smtp.example.org:587")
			}
			for _, address := range append([]string{ch.From}, ch.To...) {
				if _, err := mail.ParseAddress(address); err != nil {
					wrong("from", strconv.Quote(address)+" is no address of a mail",
						"write for example releases@example.org, in from and in to")
				}
			}
			if len(ch.To) == 0 {
				wrong("to", "nobody gets it", "name addresses, for example [announce@example.org]")
			}
		default:
			wrong("kind", strconv.Quote(ch.Kind)+" is no kind of channel", "write slack, webhook or mail")
		}
	}
	return out
}

// check names everything that would fail later.
func (c Config) check(line func(string) int, processes []string) Problems {
	var out Problems
	wrong := func(field, what, fix string) { out = append(out, Problem{field, line(field), what, fix}) }
	if _, port, ok := strings.Cut(c.Listen, ":"); !ok || port == "" {
		wrong("listen", strconv.Quote(c.Listen)+" is no address", "write HOST:PORT or :PORT, for example :8080")
	}
	if c.GitHub.AppID <= 0 {
		wrong("github.app-id", "the App's id is missing",
			"copy the number \"App ID\" from the App's settings page, or set SLIPWAY_GITHUB_APP_ID")
	}
	if c.GitHub.PrivateKey == "" && c.GitHub.PrivateKeyFile == "" {
		wrong("github.private-key-file", "the App's private key is missing",
			"generate one on the App's settings page and give its path, or set SLIPWAY_GITHUB_PRIVATE_KEY")
	}
	if c.GitHub.PrivateKey != "" && !strings.Contains(c.GitHub.PrivateKey, "PRIVATE KEY-----") {
		wrong("github.private-key", "that is no PEM key",
			"give the whole content of the .pem file, from -----BEGIN to END-----")
	}
	if len(c.GitHub.WebhookSecrets) == 0 || slices.Contains(c.GitHub.WebhookSecrets, "") {
		wrong("github.webhook-secrets", "a webhook secret is missing or empty",
			"put the secret of the App's settings page there; without one anybody could send commands")
	}
	if u, err := url.Parse(c.GitHub.API); err != nil || u.Host == "" || !strings.HasSuffix(c.GitHub.API, "/") {
		wrong("github.api", strconv.Quote(c.GitHub.API)+" is no API address",
			"write https://api.github.com/ or https://HOST/api/v3/, with the last slash")
	}
	if !strings.HasPrefix(c.Database, "sqlite:") && !strings.HasPrefix(c.Database, "postgres://") &&
		!strings.HasPrefix(c.Database, "postgresql://") {
		wrong("database", "that is neither SQLite nor PostgreSQL",
			"write sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME, or set DATABASE_URL")
	}
	if d, err := time.ParseDuration(c.Poll); err != nil || d < time.Second {
		wrong("poll", strconv.Quote(c.Poll)+" is no time of a second or more", "write for example 2m")
	}
	if u, err := url.Parse(c.ModuleProxy); c.ModuleProxy != NoModuleProxy && (err != nil || u.Host == "") {
		wrong("module-proxy", strconv.Quote(c.ModuleProxy)+" is no address", "write https://proxy.golang.org, or off")
	}
	for _, host := range c.Registries {
		if u, err := url.Parse("//" + host); err != nil || u.Host != host || host == "" {
			wrong("registries", strconv.Quote(host)+" is no registry",
				"write its name alone, for example ghcr.io or registry.example.org:5000")
		}
	}
	for _, host := range c.InternalHosts {
		if u, err := url.Parse("//" + host); err != nil || u.Hostname() != host || host == "" {
			wrong("internal-hosts", strconv.Quote(host)+" is no host",
				"write its name alone, for example registry.example.org")
		}
	}
	if c.API.PerMinute <= 0 {
		wrong("api.per-minute", "it must be above zero", "write for example 60")
	}
	for _, text := range c.API.Proxies {
		if _, err := network(text); err != nil {
			wrong("api.proxies", strconv.Quote(text)+" is no address and no network",
				"write for example 10.0.0.7 or 10.0.0.0/8")
		}
	}
	if c.Pace.PerMinute <= 0 {
		wrong("pace.per-minute", "it must be above zero", "GitHub allows about 80")
	}
	if c.Pace.PerHour <= 0 {
		wrong("pace.per-hour", "it must be above zero", "GitHub allows about 500")
	}
	if slices.ContainsFunc(c.Recovery.Keys, func(key string) bool { return len(key) < ShortestKey }) {
		wrong("recovery.keys", fmt.Sprintf("a key has fewer than %d characters", ShortestKey),
			"write a random one, for example of openssl rand -hex 32")
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log) {
		wrong("log", strconv.Quote(c.Log)+" is no level", "write debug, info, warn or error")
	}
	if c.DefaultProcess != "" && !slices.Contains(processes, c.DefaultProcess) {
		wrong("default-process", strconv.Quote(c.DefaultProcess)+" is no built-in process",
			"write one of "+strings.Join(processes, ", ")+", or leave it out")
	}
	return out
}

// PollEvery is Poll as a duration; check has made sure that it is one.
func (c Config) PollEvery() time.Duration {
	d, _ := time.ParseDuration(c.Poll)
	return d
}

// Key is the private key, read from where it lies.
func (c Config) Key() ([]byte, error) {
	if c.GitHub.PrivateKey != "" {
		return []byte(c.GitHub.PrivateKey), nil
	}
	key, err := os.ReadFile(c.GitHub.PrivateKeyFile)
	if err != nil {
		return nil, Problems{{Field: "github.private-key-file", What: "the file cannot be read", Fix: err.Error()}}
	}
	return key, nil
}

func syntax(err error) error {
	var e yaml.Error
	if !errors.As(err, &e) {
		return Problems{{Field: "the file", What: err.Error(), Fix: "compare it with config.example.yaml"}}
	}
	p := Problem{Field: "the file", What: e.GetMessage(), Fix: "compare it with config.example.yaml"}
	if token := e.GetToken(); token != nil {
		p.Line, p.Field = token.Position.Line, strings.TrimSpace(token.Value)
	}
	return Problems{p}
}

// lineOf finds the line of a field, or of the nearest field around it that is there.
func lineOf(file *ast.File) func(string) int {
	return func(field string) int {
		for at := field; at != ""; {
			path, err := yaml.PathString("$." + at)
			if err == nil {
				if node, err := path.FilterFile(file); err == nil && node != nil {
					return node.GetToken().Position.Line
				}
			}
			i := strings.LastIndexByte(at, '.')
			if i < 0 {
				return 0
			}
			at = at[:i]
		}
		return 0
	}
}
