// Command jsonschema is santhosh-tekuri/jsonschema/v6 on the schema files, as a WebAssembly program with the border of
// the engine: a text in, nothing or the faults out, as the library's own basic output has them.
package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"unsafe"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/partner-contacts/contact/schema"
)

func main() {}

// zoneFormat stands for the enum of timezone names: a set is faster to search, and its error does not recite them all.
const zoneFormat = "tzdb-name"

var contactSchema = func() *jsonschema.Schema {
	files := map[string]map[string]any{}
	for _, name := range []string{"contact.schema.json", "timezone.schema.json"} {
		text, err := schema.FS.ReadFile(name)
		must(err)
		file, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		must(err)
		files[schema.Base+name] = file.(map[string]any)
	}
	zone := files[schema.Base+"timezone.schema.json"]
	zones := map[any]bool{}
	for _, name := range zone["enum"].([]any) {
		zones[name] = true
	}
	delete(zone, "enum")
	zone["format"] = zoneFormat

	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.RegisterFormat(&jsonschema.Format{Name: zoneFormat, Validate: func(v any) error {
		if _, ok := v.(string); ok && !zones[v] {
			return errors.New("not a tzdb name")
		}
		return nil
	}})
	for url, file := range files {
		must(c.AddResource(url, file))
	}
	return c.MustCompile(schema.Base + "contact.schema.json")
}()

var (
	input  = make([]byte, 64<<10)
	output []byte
)

//go:wasmexport buffer
func buffer(n uint32) uint32 {
	if int(n) > len(input) {
		input = make([]byte, n)
	}
	return address(input)
}

// call judges the one text in the buffer, which stands after its length.
//
//go:wasmexport call
func call(_, n uint32) uint32 {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(input[4:n]))
	if err == nil {
		err = contactSchema.Validate(v)
	}
	if err == nil {
		return 0
	}
	var answer any = map[string][]string{"errors": {err.Error()}}
	var invalid *jsonschema.ValidationError
	if errors.As(err, &invalid) {
		answer = invalid.BasicOutput()
	}
	text, err := json.Marshal(answer)
	must(err)
	output = append(binary.LittleEndian.AppendUint32(output[:0], uint32(len(text))), text...)
	return address(output)
}

func address(b []byte) uint32 { return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) }

func must(err error) {
	if err != nil {
		panic(err)
	}
}
