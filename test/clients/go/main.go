// Makes calls through the runtime of the generated Go clients, with the parameters of the generated ones; it signs with ACS3-HMAC-SHA256.
// One call per line of standard input, one answer per line of standard output, both as JSON; the first line says where to connect to.
package main

import (
	"encoding/json"
	"errors"
	"log"
	"os"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapiutil "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"
)

type service struct {
	Host            string
	AccessKeyId     string
	AccessKeySecret string
}

type question struct {
	Action     string
	Parameters map[string]interface{}
}

type answer struct {
	Body  interface{} `json:"body,omitempty"`
	Error *failure    `json:"error,omitempty"`
}

type failure struct {
	Code      *string `json:"code"`
	Status    *int    `json:"status"`
	RequestId string  `json:"requestId"`
	Message   *string `json:"message"`
}

func main() {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	// An OrderId stays a whole number, as in a typed request.
	in.UseNumber()
	client := connect(in)
	for in.More() {
		var asked question
		if err := in.Decode(&asked); err != nil {
			log.Fatal(err)
		}
		if err := out.Encode(call(client, asked)); err != nil {
			log.Fatal(err)
		}
	}
}

func connect(in *json.Decoder) *openapi.Client {
	var to service
	if err := in.Decode(&to); err != nil {
		log.Fatal(err)
	}
	client, err := openapi.NewClient(&openapiutil.Config{
		AccessKeyId:     &to.AccessKeyId,
		AccessKeySecret: &to.AccessKeySecret,
		Endpoint:        &to.Host,
		Protocol:        dara.String("http"),
	})
	if err != nil {
		log.Fatal(err)
	}
	return client
}

func call(client *openapi.Client, asked question) answer {
	params := &openapiutil.Params{
		Action:      &asked.Action,
		Version:     dara.String("2020-04-07"),
		Protocol:    dara.String("HTTPS"),
		Pathname:    dara.String("/"),
		Method:      dara.String("POST"),
		AuthType:    dara.String("AK"),
		Style:       dara.String("RPC"),
		ReqBodyType: dara.String("formData"),
		BodyType:    dara.String("json"),
	}
	request := &openapiutil.OpenApiRequest{Query: openapiutil.Query(asked.Parameters)}
	result, err := client.CallApi(params, request, &dara.RuntimeOptions{})
	var refused *tea.SDKError
	switch {
	case err == nil:
		return answer{Body: result["body"]}
	case errors.As(err, &refused):
		return answer{Error: describe(refused)}
	}
	log.Fatal(err)
	return answer{}
}

// The request id stands only in the data, which is text.
func describe(refused *tea.SDKError) *failure {
	var data struct{ RequestId string }
	if err := json.Unmarshal([]byte(tea.StringValue(refused.Data)), &data); err != nil {
		log.Fatal(refused)
	}
	return &failure{refused.Code, refused.StatusCode, data.RequestId, refused.Message}
}
