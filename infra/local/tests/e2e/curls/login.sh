curl -X POST https://SEU_HOST/api/v2/users/login \
  -H "Content-Type: application/json" \
  -d '{
    "login": "usuario",
    "password": "senha123"
  }'
