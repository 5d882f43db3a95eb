package main

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"io"

	"github.com/bytedance/sonic"
	"github.com/go-faster/jx"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/tidwall/gjson"
)

// A contender does one or more of the works in its own way. A nil func is a
// work it does not do.
type contender struct {
	name    string
	modules []string // whose versions the report tells; "" is the standard library
	note    string   // how it is set up

	full   func(body []byte) error                    // decode and validate a whole contact
	patch  func(body []byte) error                    // decode and validate an update's body
	update func(stored, patch []byte) ([]byte, error) // from a stored contact to the merged one
	list   func(dst []string, err error) []string     // the places of the faults an error holds, appended to dst

	us       bool   // the one the others are compared to
	ours     bool   // another function of this library
	baseline bool   // reads JSON and judges nothing else
	near     bool   // is timed on all bodies, as we are
	family   string // contenders of one family are ways to set up one peer: the chart shows the fastest
}

var errInvalid = errors.New("invalid JSON")

// baselines read the bytes and know nothing of contacts.
func baselines() []contender {
	tokens := jsontext.NewDecoder(new(bytes.Reader))
	var reader bytes.Reader
	var cs []contender
	for _, b := range []struct {
		name, module string
		valid        func([]byte) bool
	}{
		{baseline, "", stdjson.Valid},
		{"sonic.Valid", "github.com/bytedance/sonic", sonic.Valid},
		{"gjson.Valid", "github.com/tidwall/gjson", gjson.ValidBytes},
		{"jx.Valid", "github.com/go-faster/jx", jx.Valid},
		{"jsontext token walk", "github.com/go-json-experiment/json", func(body []byte) bool {
			reader.Reset(body)
			tokens.Reset(&reader)
			for {
				if _, err := tokens.ReadToken(); err != nil {
					return err == io.EOF
				}
			}
		}},
	} {
		judge := func(body []byte) error {
			if !b.valid(body) {
				return errInvalid
			}
			return nil
		}
		cs = append(cs, contender{
			name: b.name, modules: []string{b.module}, baseline: true, near: true,
			full: judge, patch: judge,
			update: func(stored, patch []byte) ([]byte, error) { return nil, errors.Join(judge(stored), judge(patch)) },
			list:   func(dst []string, _ error) []string { return dst },
		})
	}
	return cs
}

// baseline is the contender that every time is also told as a multiple of.
const baseline = "json.Valid"

// contenders are all of them: this library, the baselines, the peers.
func contenders() ([]contender, error) {
	schemas, err := loadSchemas()
	if err != nil {
		return nil, err
	}
	all := append(ours(), baselines()...)
	var failed error
	add := func(c contender, err error) contender {
		failed = errors.Join(failed, err)
		all = append(all, c)
		return c
	}
	set := add(santhoshPeer("jsonschema/v6, zones a set", "its UnmarshalJSON, formats asserted, timezones a set registered as a format", schemas.withFormat()))
	add(santhoshPeer("jsonschema/v6, zones an enum", "the same on the schema files as they stand", schemas))
	add(kaptinlinPeer(schemas.withFormat()))
	add(googlePeer(schemas))
	add(openapiPeer(schemas.withFormat()))
	add(protoPeer())
	all = append(all, ogenPeer())
	all = append(all, structPeers(schemas.zones)...)
	all = append(all, decodersAlone()...)
	all = append(all, jsonPatchUpdate(set), sonicOverlay(schemas.zones))
	return all, failed
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
