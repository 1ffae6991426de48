package release

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/slipway-dev/slipway/release/params"
)

// A Manifest is all that an approval signs: which release, by which rules, from which pinned values, and what each
// step would write. Whoever signs it has signed every value of it, also those that no sentence shows.
type Manifest struct {
	Process ManifestProcess   `json:"process"`
	Release ManifestRelease   `json:"release"`
	Phase   string            `json:"phase"`
	Run     int               `json:"run"` // how often the phase will have been entered
	Pins    map[string]string `json:"pins"`
	Gates   []ManifestGate    `json:"gates"`
	Steps   []ManifestStep    `json:"steps"`
}

// ManifestProcess is the process that was pinned when the release started.
type ManifestProcess struct {
	Name string `json:"name"`
	// SHA256 is that of the whole process as canonical JSON, in hex.
	SHA256 string `json:"sha256"`
}

// ManifestRelease says which release it is.
type ManifestRelease struct {
	ID         string `json:"id"`
	Repository int64  `json:"repository"` // its id, which no rename changes
	Issue      int    `json:"issue"`
	Version    string `json:"version"`
	Track      string `json:"track"`
}

// ManifestGate is one gate with its parameters, templates expanded.
type ManifestGate struct {
	Asks params.Set `json:"asks"`
	Warn bool       `json:"warn"`
}

// ManifestStep is one step with its parameters, templates expanded, and what it would write now.
type ManifestStep struct {
	ID     string          `json:"id"`
	Does   params.Set      `json:"does"`
	Writes []ManifestWrite `json:"writes,omitempty"`
	// Stop is why it cannot be carried out, empty when nothing is known to be in the way.
	Stop string `json:"stop,omitempty"`
}

// ManifestWrite is one write.
type ManifestWrite struct {
	Repository string `json:"repository"`
	Text       string `json:"text"`
	// Files are the SHA-256 of the files as it would leave them, by path.
	Files map[string]string `json:"files,omitempty"`
}

// Identify names a process by its whole content.
func Identify(p Process) (ManifestProcess, error) {
	data, err := Canonical(p)
	if err != nil {
		return ManifestProcess{}, fmt.Errorf("identify process %s: %w", p.Name, err)
	}
	return ManifestProcess{Name: p.Name, SHA256: Digest(data)}, nil
}

// Digest is the SHA-256 of some bytes, in hex.
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Canonical writes a value as JSON of which there is only one: the keys of objects are sorted, no space stands between
// two tokens, and every character beyond ASCII, and each of <, > and &, is escaped. So it can be copied out of a
// comment, and its SHA-256 is that of the bytes that are seen there. What is not UTF-8 becomes U+FFFD, as in every
// request to GitHub.
func Canonical(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil {
		return nil, err
	}
	if data, err = json.Marshal(tree); err != nil { // the keys of a map are sorted
		return nil, err
	}
	var out bytes.Buffer
	for _, r := range string(data) {
		switch {
		case r < utf8.RuneSelf && r != 0x7f:
			out.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.Bytes(), nil
}

// Plan is what a phase would write now.
type Plan struct {
	// Hash is the SHA-256 of Manifest, in hex.
	Hash string
	// Manifest is what is signed, as canonical JSON.
	Manifest []byte
	// Writes are sentences in Markdown, in the order in which the writes would be made.
	Writes []string
	// Needs are the permissions of the App that each step uses, in the order of the steps.
	Needs []StepNeeds
	// Stops are what is in the way of its steps: carried out as it is, it would stop there.
	Stops []Obstacle
	// Done says that every step of the phase was seen done: nothing is left to carry out or to approve.
	Done bool
}

// StepNeeds are the permissions that a step uses, such as "contents: write"; none where it asks GitHub for nothing.
// Stays is what an abort says of it, empty where it is rolled back.
type StepNeeds struct {
	Step        string
	Permissions []string
	Stays       string
}

// Obstacle is what is in the way of a step, and what helps.
type Obstacle struct{ Step, Why, Fix string }

// Plan is what is signed, with its hash.
func (m Manifest) Plan(writes []string, stops []Obstacle, done bool) (Plan, error) {
	data, err := Canonical(m)
	if err != nil {
		return Plan{}, fmt.Errorf("write the plan of %s: %w", m.Phase, err)
	}
	return Plan{Hash: Digest(data), Manifest: data, Writes: writes, Stops: stops, Done: done}, nil
}

// shortestHash is how many digits of a plan's hash have to be typed: nobody finds two plans that share them.
const shortestHash = 12

// ShortHash is how a plan's hash is shown and typed.
func ShortHash(hash string) string { return hash[:min(shortestHash, len(hash))] }
