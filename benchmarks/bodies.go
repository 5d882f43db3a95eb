package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
)

// smallPatch changes three strings, clears a field and changes meta_public
// one level down.
const smallPatch = `{"name_last":"Okafor-Reyes","city":"Oak Park","timezone":"America/New_York",` +
	`"phone_home":null,"meta_public":{"score":13,"prefs":{"language":"en"}}}`

// faults are the five faults of the faulty body: what of the full body each
// replaces, by what, the JSON Pointer of the fault, and the value an error
// text should not repeat.
var faults = []struct{ old, new, pointer, value string }{
	{`"team_id":"0b9d8c7e-6f5a-4b3c-8d2e-1f0a9b8c7d6e"`, `"team_id":"team-of-maria"`, "/team_id", "team-of-maria"},
	{`"county":"Cook"`, `"countie":"Cook"`, "/countie", "Cook"},
	{`"birthdate":"1990-02-28"`, `"birthdate":"1990-02-30"`, "/birthdate", "1990-02-30"},
	{`"timezone":"America/Chicago"`, `"timezone":"america/chicago"`, "/timezone", "america/chicago"},
	{`"sms_opted_in":true`, `"sms_opted_in":"yes, sms"`, "/sms_opted_in", "yes, sms"},
}

// bodies are the inputs of the benchmark, compact as on the wire.
type bodies struct {
	full, patch, faulty []byte
}

func loadBodies() (*bodies, error) {
	sample, err := os.ReadFile("../testdata/contact.json")
	if err != nil {
		return nil, err
	}
	var full bytes.Buffer
	if err := json.Compact(&full, sample); err != nil {
		return nil, err
	}
	faulty := full.Bytes()
	for _, f := range faults {
		if n := bytes.Count(faulty, []byte(f.old)); n != 1 {
			return nil, fmt.Errorf("testdata/contact.json holds %s %d times", f.old, n)
		}
		faulty = bytes.Replace(faulty, []byte(f.old), []byte(f.new), 1)
	}
	return &bodies{full: full.Bytes(), patch: []byte(smallPatch), faulty: faulty}, nil
}
