curl -X POST https://SEU_HOST/api/v2/upload/sends \
  -H "Authorization: Bearer <JWT>" \
  -F 'from_number=5511999999999' \
  -F 'to_number=5511888888888' \
  -F 'media_type=image' \
  -F 'file=@/caminho/para/imagem.jpg' \
  -F 'caption=Legenda opcional'
