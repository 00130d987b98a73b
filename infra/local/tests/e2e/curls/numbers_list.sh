curl -X GET https://SEU_HOST/api/v2/numbers \
  -H "token: <TOKEN>"
